// SPDX-License-Identifier: GPL-2.0-only
#include "judge.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

#include "identity/identity.h"
#include "judge_reading.h"

#define SECOND 1000000000LL

int judge_init(struct judge *j, struct judging *all)
{
	*j = (struct judge){
		.all = all,
		.md = EVP_MD_CTX_new(),
		.algorithm = EVP_MD_fetch(NULL, "SHA256", NULL),
		.block = malloc(JUDGE_BLOCK),
	};
	return j->md && j->algorithm && j->block ? 0 : -ENOMEM;
}

void judge_free(struct judge *j)
{
	EVP_MD_CTX_free(j->md);
	EVP_MD_free(j->algorithm);
	free(j->block);
	*j = (struct judge){};
}

/* ---- what is asked for ----------------------------------------------------------------------- */

static unsigned int wanted(const struct judge *j, const struct directory *in, uint64_t size)
{
	unsigned int want = size ? image_kinds_wanted(j->all->looking->scan->image, size) : 0;

	if (!in->named || !size)
		want &= ~KIND_BIT(FINGERPRINT_PATH);
	return want;
}

bool judge_wants(const struct judge *j, const struct directory *in, const struct stat *st)
{
	const struct scan_options *o = j->all->looking->scan->options;

	return wanted(j, in, st->st_size) || (o->archives && st->st_size);
}

/* Only a list without sizes asks for it, and it would take too long. */
static bool is_too_large(const struct judge *j, const struct stat *st)
{
	const struct image_header *h = image_header(j->all->looking->scan->image);
	struct image_header sized = *h;
	uint64_t size = st->st_size, data = st->st_blocks * 512ULL;

	sized.unsized = 0;
	if (image_is_candidate(j->all->looking->scan->image, &sized, size))
		return false;
	return size > UNSIZED_MAX || (size > data && size - data > UNSIZED_HOLES);
}

/* ---- what the rules say ---------------------------------------------------------------------- */

/* A name counts for what the kernel would run, map or load. */
static int path_for_rules(struct reading *r, char **path)
{
	int err = 0;

	*path = NULL;
	if (r->want & KIND_BIT(FINGERPRINT_PATH))
		err = judge_settle(r);
	if (err || !(r->want & KIND_BIT(FINGERPRINT_PATH)) || !content_is_component(r->kind))
		return err;
	*path = directory_path(r->target->in, r->target->name);
	return *path ? 0 : -ENOMEM;
}

static int ask_rules(struct judge *j, struct reading *r, bool *named)
{
	struct looking *l = j->all->looking;
	char *path;
	int err = path_for_rules(r, &path);

	if (err)
		return err;
	*named = looking_judge(l, &r->found, &j->file.identity, path) ||
		 (j->plain.identity.count && looking_judge(l, &r->found, &j->plain.identity, NULL));
	free(path);
	return 0;
}

static int64_t ns(const struct timespec *t)
{
	return t->tv_sec * SECOND + t->tv_nsec;
}

static int report(struct judge *j, struct reading *r)
{
	struct finding *f = &r->found;
	int err = is_too_large(j, &r->st) ? 0 : judge_digest(j, r);

	if (!err)
		err = judge_settle(r);
	f->path = err ? NULL : directory_path(r->target->in, r->target->name);
	if (!f->path)
		return err ? err : -ENOMEM;
	f->place = FINDING_FILE;
	f->kind = r->kind;
	f->device = r->st.st_dev;
	f->inode = r->st.st_ino;
	f->size = r->st.st_size;
	f->modified = ns(&r->st.st_mtim);
	f->digested = r->digested;
	f->digest = r->digest;
	return 0;
}

static bool has_changed(const struct reading *r)
{
	struct stat now;

	return fstat(r->fd, &now) || now.st_size != r->st.st_size ||
	       ns(&now.st_mtim) != ns(&r->st.st_mtim) || ns(&now.st_ctim) != ns(&r->st.st_ctim);
}

static bool recall(struct judge *j, struct reading *r)
{
	struct recalled_file k;

	r->recalled = r->st.st_nlink > 1 && recalled_get(&j->all->recalled, &k, &r->st);
	if (!r->recalled)
		return false;
	j->file.identity = k.file;
	j->plain.identity = k.plain;
	r->kind = k.kind;
	r->settled = k.settled;
	r->digest = k.digest;
	r->digested = k.digested;
	return true;
}

static void keep(struct judge *j, const struct reading *r)
{
	const struct recalled_file k = {
		.kind = r->kind,
		.settled = r->settled,
		.digest = r->digest,
		.digested = r->digested,
		.file = j->file.identity,
		.plain = j->plain.identity,
	};

	if (r->st.st_nlink > 1 && !r->recalled)
		recalled_put(&j->all->recalled, &k, &r->st);
}

/* Return: 1 when a rule names it, and it is in r->found; 0; or an error. */
static int judge_content(struct judge *j, struct reading *r)
{
	bool named = false;
	int err = recall(j, r) ? 0 : judge_identify(j, r);

	if (!err)
		err = ask_rules(j, r, &named);
	if (!err && named)
		err = report(j, r);
	if (!err && (named || r->digested) && has_changed(r))
		err = -EBUSY;
	if (!err && (named || r->target->in->named))
		keep(j, r);
	examined_free(&j->file);
	examined_free(&j->plain);
	return err ? err : named;
}

/* ---- one file -------------------------------------------------------------------------------- */

static void complain(struct judge *j, const struct target *t, int err)
{
	char *path;

	if (err == -EINTR)
		return;
	path = directory_path(t->in, t->name);
	if (path)
		looking_unread(j->all->looking, path, err);
	else
		looking_fail(j->all->looking, -ENOMEM);
	free(path);
}

/* What may hold others is opened once it is judged itself; of a packed driver there is no more. */
static void look_inside(struct judge *j, struct reading *r)
{
	struct looking *l = j->all->looking;
	char *path;
	int err;

	if (!l->scan->options->archives ||
	    (!content_is_archive(r->kind) && r->kind != CONTENT_PACKED))
		return;
	path = directory_path(r->target->in, r->target->name);
	err = path ? archive_look(l, path, r->fd, &r->st, j->head, j->head_len) : -ENOMEM;
	if (err)
		complain(j, r->target, err);
	free(path);
}

/* As it is now, which may be another file than was seen. */
static int begin(struct judge *j, struct reading *r)
{
	if (fstat(r->fd, &r->st))
		return -errno;
	if (!S_ISREG(r->st.st_mode))
		return -ENOENT;
	r->want = wanted(j, r->target->in, r->st.st_size);
	if (r->want & KIND_BIT(FINGERPRINT_SHA256) && is_too_large(j, &r->st)) {
		r->want &= ~KIND_BIT(FINGERPRINT_SHA256);
		complain(j, r->target, -EFBIG);
	}
	return 0;
}

/* A file that was found is reported by each of its names, what lies inside it by one. */
static int look_at(struct judge *j, struct reading *r)
{
	int rc = begin(j, r);
	bool found;

	if (!rc)
		rc = judge_content(j, r);
	found = rc > 0;
	if (found)
		rc = looking_found(j->all->looking, &r->found);
	finding_free(&r->found);
	if (rc)
		return rc;
	if (!r->recalled)
		look_inside(j, r);
	if (!found && r->st.st_nlink > 1)
		seen_add(&j->all->seen, r->st.st_dev, r->st.st_ino);
	return 0;
}

static int look_once(struct judge *j, const struct target *t)
{
	struct reading r = {.target = t, .fd = judge_open(t)};
	int err;

	if (r.fd < 0)
		return r.fd;
	err = look_at(j, &r);
	close(r.fd);
	return err;
}

void judge_file(struct judge *j, const struct target *t)
{
	int err;

	/* What a name adds is asked for each. */
	if (t->st.st_nlink > 1 && !t->in->named &&
	    seen_has(&j->all->seen, t->st.st_dev, t->st.st_ino))
		return;
	looking_add(j->all->looking, COUNT_OPENED, 1);
	err = look_once(j, t);
	if (err == -EBUSY)
		err = look_once(j, t);
	if (err)
		complain(j, t, err);
}
