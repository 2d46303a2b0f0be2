/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "clock.h"
#include "ender_facts.h"
#include "guard/needed.h"
#include "kernel/kernel.h"
#include "machine/machine_conf.h"
#include "running/process.h"

#define DELETED " (deleted)"

uint64_t ender_time(void)
{
	uint64_t now = clock_ns(CLOCK_REALTIME);
	struct kernel_state state;

	if (kernel_read_state(&state) || !state.loaded)
		return now;
	return state.control.clock > now ? state.control.clock : now;
}

/* ---- who a process is ---------------------------------------------------------------------- */

void ender_facts_begin(struct ender_facts *f)
{
	*f = (struct ender_facts){.daemon = getppid()};
}

static int read_needed(struct ender_facts *f)
{
	struct machine_conf conf;
	struct diag unsaid = {};
	int err;

	machine_conf_read(&conf, CONF_FILE, &unsaid);
	diag_free(&unsaid);
	err = closure_init(&f->needed, NULL);
	f->has_needed = true;
	if (!err)
		err = needed_add(&f->needed, (const char *const *)conf.protect.v);
	machine_conf_free(&conf);
	return err;
}

/* Of a program that was upgraded while it runs, only the name is left. */
static bool is_program(const struct closure_file *file, const struct statx *st, const char *path)
{
	size_t len = strlen(file->path);

	if (file->inode == st->stx_ino &&
	    file->device == makedev(st->stx_dev_major, st->stx_dev_minor))
		return true;
	return !strncmp(path, file->path, len) && !strcmp(path + len, DELETED);
}

static bool is_needed(const struct ender_facts *f, pid_t pid)
{
	char *path = process_link(pid, "exe"), exe[64];
	bool needed = false;
	struct statx st;
	size_t i;

	snprintf(exe, sizeof(exe), "/proc/%d/exe", (int)pid);
	if (path && !statx(AT_FDCWD, exe, AT_STATX_DONT_SYNC, STATX_INO, &st))
		for (i = 0; i < f->needed.n && !needed; i++)
			needed = is_program(f->needed.v[i], &st, path);
	free(path);
	return needed;
}

int ender_facts_of(struct ender_facts *f, struct stop_facts *facts, const struct suspect *s)
{
	struct process p;
	int err = f->has_needed ? 0 : read_needed(f);

	if (err)
		return err;
	facts->pid = s->pid;
	facts->gone = !process_is(s->pid, s->start_time) || !process_read(&p, s->pid);
	if (facts->gone)
		return 0;
	facts->own = process_is_below(s->pid, f->daemon);
	facts->kernel = p.kernel;
	facts->needed = is_needed(f, s->pid);
	return 0;
}

void ender_facts_end(struct ender_facts *f)
{
	if (f->has_needed)
		closure_free(&f->needed);
	*f = (struct ender_facts){};
}

/* ---- what it has --------------------------------------------------------------------------- */

static int take(void *context, const struct running_match *m)
{
	struct judged *j = context;

	stop_take_verdict(&j->facts, &m->verdict, m->rule);
	return 0;
}

static const struct running_file *find_file(const struct running *r, const struct suspect *s)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->v[i]->device == s->device && r->v[i]->inode == s->inode)
			return r->v[i];
	return NULL;
}

/* That file alone, as the process has it now. */
static int judge_file(struct judged *j, image_t *image, const struct running_file *file)
{
	struct running_file *files[] = {(struct running_file *)file};
	struct running one = {.v = files, .n = 1};
	struct running_search search = {
		.image = image, .now = ender_time(), .found = take, .context = j};

	j->facts.has_file = true;
	j->use = file->uses[0];
	return running_find(&one, &search);
}

static int judge_one(struct judged *j, struct ender_facts *f, image_t *image,
		     const struct suspect *s)
{
	const struct running_file *file;
	struct running running = {};
	int err = ender_facts_of(f, &j->facts, s);

	if (!err && !j->facts.gone)
		err = running_read_one(&running, s->pid);
	file = err ? NULL : find_file(&running, s);
	if (file)
		err = judge_file(j, image, file);
	running_free(&running);
	return err;
}

int ender_judge(const struct daemon *daemon, const struct suspect *v, size_t n, FILE *out)
{
	struct ender_facts facts;
	struct image image = {};
	struct judged j;
	int err = image_map(&image, IMAGE_FILE);
	size_t i;

	if (!err && memcmp(image_header(&image)->digest, daemon->applied.header.digest,
			   FINGERPRINT_LEN) != 0)
		err = -ESTALE;
	ender_facts_begin(&facts);
	for (i = 0; i < n && !err; i++) {
		j = (struct judged){};
		err = judge_one(&j, &facts, &image, &v[i]);
		if (!err && !fwrite(&j, sizeof(j), 1, out))
			err = -EIO;
	}
	ender_facts_end(&facts);
	image_free(&image);
	return err;
}
