/* SPDX-License-Identifier: GPL-2.0-only */
#include "verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "audit/jsonl.h"
#include "audit/rotate.h"
#include "audit/verify_keys.h"
#include "file.h"
#include "lines.h"

/* Ends the reading: a fault was found, and is on record. */
#define FOUND 1

struct log_file {
	int fd;
	uint64_t size; /* when all were opened: what is written later is not looked at */
	char path[PATH_MAX];
};

/* A record that does not name the one before it: the next one tells which of the two is wrong. */
enum suspicion { NOTHING, MISMATCH, AHEAD };

struct walker {
	struct verify *v;
	const struct verify_options *o;
	struct chain_walk chain;
	struct verify_keys keys;
	struct verify_kept kept;
	struct seal_state state;
	const struct log_file *file;
	uint64_t offset;		   /* where the next line begins */
	struct verify_place last, earlier; /* of the last record, and of the one before it */
	struct verify_place stranger;	   /* of the first line behind it that is none */
	bool open_end;			   /* that line has no end, and looks like a record's */
	enum suspicion suspicion;
	uint64_t missing; /* AHEAD: the number that had to come */
};

/* ---- faults ---------------------------------------------------------------------------------- */

static int found(struct walker *w, enum verify_fault fault, uint64_t from, uint64_t to,
		 const struct verify_place *at)
{
	struct verify *v = w->v;

	v->fault = fault;
	v->from = from;
	v->to = to;
	if (at)
		v->at = *at;
	return FOUND;
}

static int found_because(struct walker *w, enum verify_fault fault, uint64_t from, uint64_t to,
			 const struct verify_place *at, const char *why)
{
	w->v->why = why;
	return found(w, fault, from, to, at);
}

static void place(struct verify_place *at, const struct walker *w, unsigned long line)
{
	memcpy(at->file, w->file->path, sizeof(at->file));
	at->line = line;
}

/* ---- a record that does not follow ----------------------------------------------------------- */

/* @next: what is behind the suspect, NULL at the end. */
static int judge_mismatch(struct walker *w, const struct chain_link *next)
{
	uint64_t number = w->chain.last.number;
	bool intact = false, told = false;

	if (next) {
		told = true;
		intact = !memcmp(next->previous, w->chain.last.head, FINGERPRINT_LEN);
	} else if (w->v->has_state && w->state.number == number) {
		told = true;
		intact = !memcmp(w->state.line, w->chain.last.line, FINGERPRINT_LEN);
	}
	if (!told)
		return found(w, VERIFY_CHANGED, number - 1, number, &w->earlier);
	if (intact)
		return found(w, VERIFY_CHANGED, number - 1, number - 1, &w->earlier);
	return found(w, VERIFY_CHANGED, number, number, &w->last);
}

static int judge_ahead(struct walker *w, const struct chain_link *next)
{
	uint64_t number = w->chain.last.number;

	if (next && next->number >= w->missing && next->number < number)
		return found(w, VERIFY_REORDERED, number, number, &w->last);
	return found(w, VERIFY_REMOVED, w->missing, number - 1, &w->last);
}

static int judge(struct walker *w, const struct chain_link *next)
{
	return w->suspicion == MISMATCH ? judge_mismatch(w, next) : judge_ahead(w, next);
}

static bool is_line(const struct walker *w, const char *s, size_t len)
{
	struct chain_walk other = {};
	bool same = !chain_walk_record(&other, 1, s, len) &&
		    !memcmp(other.last.line, w->chain.last.line, FINGERPRINT_LEN);

	chain_walk_end(&other);
	return same;
}

/* A record, at @at, that has another number than the one that had to come. */
static int out_of_turn(struct walker *w, const struct chain_link *link,
		       const struct verify_place *at, const char *s, size_t len)
{
	const struct chain_head *last = &w->chain.last;
	uint64_t wanted = last->number + 1;

	if (!memcmp(link->previous, last->head, FINGERPRINT_LEN))
		return found(w, VERIFY_CHANGED, wanted, wanted, at);
	if (link->number > wanted && w->chain.strangers == link->number - wanted)
		return found(w, VERIFY_CHANGED, wanted, wanted, &w->stranger);
	if (link->number > wanted) {
		w->suspicion = AHEAD;
		w->missing = wanted;
		return 0;
	}
	if (link->number == last->number && is_line(w, s, len))
		return found(w, VERIFY_REPEATED, link->number, link->number, at);
	return found(w, VERIFY_REORDERED, link->number, link->number, at);
}

/* A record that has the right number and does not name the one before. */
static int not_named(struct walker *w, const struct chain_link *link)
{
	if (w->chain.strangers && !memcmp(link->previous, w->chain.last.line, FINGERPRINT_LEN))
		return found(w, VERIFY_INSERTED, link->number, link->number, &w->stranger);
	w->suspicion = MISMATCH;
	return 0;
}

/* ---- what the log says of itself ------------------------------------------------------------- */

static int take_checkpoint(struct walker *w, const struct chain_link *link, const json_t *own,
			   const struct verify_place *at)
{
	struct verify *v = w->v;
	struct checkpoint c;
	enum verify_link how;

	if (!checkpoint_from_json(&c, own) || !checkpoint_is_signed(&c))
		return found_because(w, VERIFY_FORGED, link->number, link->number, at,
				     "its signature is wrong");
	if (c.number + 1 != link->number)
		return found_because(w, VERIFY_FORGED, link->number, link->number, at,
				     "it is a copy of an earlier one");
	if (memcmp(c.head, link->previous, FINGERPRINT_LEN) != 0)
		return found_because(w, VERIFY_CHANGED, v->covered + 1, c.number, at,
				     "a checkpoint tells, and whoever changed it wrote the chain "
				     "anew");
	how = verify_keys_take(&w->keys, &c, &w->kept);
	if (how == VERIFY_BROKEN)
		return found_because(w, VERIFY_FORGED, link->number, link->number, at,
				     "another key had to come");
	v->unlinked |= how == VERIFY_UNLINKED;
	v->checkpoints++;
	v->covered = c.number;
	v->sealed = c.time;
	v->promised = c.first;
	memcpy(v->root, c.root, sizeof(v->root));
	return 0;
}

static bool take_key(uint8_t key[CHECKPOINT_KEY_LEN], const json_t *own, const char *name)
{
	const char *hex = json_string_value(json_object_get(own, name));

	_Static_assert(CHECKPOINT_KEY_LEN == FINGERPRINT_LEN, "both are 64 digits");
	return hex && !digest_parse(key, hex);
}

static void take_begin(struct walker *w, const json_t *own)
{
	uint8_t root[CHECKPOINT_KEY_LEN], key[CHECKPOINT_KEY_LEN];
	struct verify *v = w->v;

	if (!take_key(root, own, "root") || !take_key(key, own, "public_key"))
		return;
	if (w->keys.known && !memcmp(w->keys.root, root, sizeof(root)))
		return;
	v->roots += w->keys.known;
	/* Nothing vouches for a root that begins anew but who knows it. */
	verify_keys_begin(&w->keys, root, json_integer_value(json_object_get(own, "epoch")), key);
	memcpy(v->root, root, sizeof(v->root));
}

/* Return: whether the writer itself has found missing what is missing before @link. */
static bool take_gap(struct walker *w, const struct chain_link *link, const json_t *own,
		     const struct verify_place *at)
{
	const json_t *missing = json_object_get(own, "missing");
	uint64_t from = json_integer_value(json_object_get(missing, "from")),
		 to = json_integer_value(json_object_get(missing, "to"));

	if (w->suspicion != AHEAD || from != w->missing || to + 1 != link->number)
		return false;
	if (!w->v->gaps) {
		w->v->gap_from = from;
		w->v->gap_to = to;
		w->v->gap_at = *at;
	}
	w->v->gaps += to - from + 1;
	return true;
}

static int take_own(struct walker *w, const struct chain_link *link, const char *s, size_t len,
		    const struct verify_place *at)
{
	json_t *record = json_loadb(s, len, 0, NULL);
	const json_t *event = json_object_get(record, "event"),
		     *own = json_object_get(json_object_get(record, "interdict"), "checkpoint");
	const char *dataset = json_string_value(json_object_get(event, "dataset"));
	const char *action = json_string_value(json_object_get(event, "action"));
	int rc = 0;

	if (!dataset || !action || strcmp(dataset, CHECKPOINT_DATASET) != 0)
		action = "";
	if (!strcmp(action, "gap") && take_gap(w, link, own, at))
		w->suspicion = NOTHING;
	else if (!strcmp(action, "begin"))
		take_begin(w, own);
	else if (!strcmp(action, "checkpoint") && !w->suspicion)
		rc = take_checkpoint(w, link, own, at);
	json_decref(record);
	return rc;
}

/* ---- a line ---------------------------------------------------------------------------------- */

static void take_time(char time[40], const char *s, size_t len)
{
	static const char key[] = "\"@timestamp\":\"";
	const char *at = memmem(s, len, key, sizeof(key) - 1), *end;
	size_t n;

	if (!at)
		return;
	at += sizeof(key) - 1;
	end = memchr(at, '"', s + len - at);
	n = end ? (size_t)(end - at) : 40;
	if (n >= 40 || strspn(at, "0123456789-:.TZ+") < n)
		return;
	memcpy(time, at, n);
	time[n] = 0;
}

/* The record before is complete now: what was kept of it must fit. */
static int check_kept(struct walker *w)
{
	const struct chain_head *last = &w->chain.last;
	const struct checkpoint *c = verify_kept_at(&w->kept, last->number);

	if (!c || !memcmp(c->head, last->head, FINGERPRINT_LEN) ||
	    !memcmp(c->head, last->line, FINGERPRINT_LEN))
		return 0;
	return found_because(w, VERIFY_CHANGED, w->v->covered + 1, last->number, &w->last,
			     "the seal has a checkpoint of what it was");
}

static int check_link(struct walker *w, const struct chain_link *link,
		      const struct verify_place *at, const char *s, size_t len)
{
	static const uint8_t zeros[FINGERPRINT_LEN];
	const struct chain_head *last = &w->chain.last;

	if (!last->number) {
		w->v->first = link->number;
		if (link->number == 1 && memcmp(link->previous, zeros, sizeof(zeros)) != 0)
			return found(w, VERIFY_CHANGED, 1, 1, at);
		return 0;
	}
	if (link->number != last->number + 1)
		return out_of_turn(w, link, at, s, len);
	if (memcmp(link->previous, last->head, FINGERPRINT_LEN) != 0)
		return not_named(w, link);
	w->v->torn += w->chain.strangers;
	return check_kept(w);
}

static int take_record(struct walker *w, const struct chain_link *link,
		       const struct verify_place *at, const char *s, size_t len)
{
	static const char dataset[] = "\"dataset\":\"" CHECKPOINT_DATASET "\"";
	struct verify *v = w->v;
	int rc = chain_walk_head(&w->chain);

	if (!rc && w->suspicion)
		return judge(w, link);
	if (!rc)
		rc = check_link(w, link, at, s, len);
	if (!rc && memmem(s, len, dataset, sizeof(dataset) - 1))
		rc = take_own(w, link, s, len, at);
	if (rc)
		return rc;
	w->earlier = w->last;
	w->last = *at;
	v->records++;
	v->last = link->number;
	if (!*v->begin)
		take_time(v->begin, s, len);
	take_time(v->end, s, len);
	return chain_walk_record(&w->chain, link->number, s, len);
}

static int take_stranger(struct walker *w, const struct verify_place *at, const char *s, size_t len,
			 bool whole)
{
	if (!w->chain.last.number) {
		w->v->before++;
		return 0;
	}
	if (!w->chain.strangers)
		w->stranger = *at;
	w->open_end = !w->chain.strangers && !whole && *s == '{';
	return chain_walk_stranger(&w->chain, s, len);
}

struct reading {
	struct walker *w;
	struct lines lines;
};

static int take_line(void *context, const char *s, size_t len, bool whole)
{
	struct reading *r = context;
	struct walker *w = r->w;
	struct verify_place at;
	struct chain_link link;

	if (w->offset >= w->file->size)
		return 0;
	w->offset += len + 1;
	place(&at, w, r->lines.line);
	if (chain_parse(&link, s, len))
		return take_record(w, &link, &at, s, len);
	return take_stranger(w, &at, s, len, whole);
}

/* ---- the end --------------------------------------------------------------------------------- */

/* Behind the last record there is nothing, or what a writer has begun. */
static int check_strangers(struct walker *w)
{
	if (!w->chain.strangers)
		return 0;
	if (w->open_end) {
		w->v->unfinished = true;
		return 0;
	}
	return found(w, VERIFY_GARBAGE, w->v->last, w->v->last, &w->stranger);
}

static bool is_this_boot(const struct seal_state *state)
{
	sd_id128_t boot;

	return sd_id128_get_boot(&boot) >= 0 &&
	       !memcmp(boot.bytes, state->boot, sizeof(state->boot));
}

/* What the seal knows of the last record. It may be one behind, when its writer was killed, and
 * further when the machine went down. */
static int check_state(struct walker *w)
{
	const struct verify *v = w->v;
	const struct seal_state *s = &w->state;

	if (!v->has_state)
		return 0;
	if (s->number > v->last)
		return found(w, VERIFY_CUT, v->last + 1, s->number, &w->last);
	if (s->number == v->last && memcmp(s->line, w->chain.last.line, FINGERPRINT_LEN) != 0)
		return found_because(w, VERIFY_CHANGED, v->last, v->last, &w->last,
				     "or one before it that no checkpoint covers, and the chain "
				     "was written anew");
	w->v->unknown = v->last > s->number ? v->last - s->number : 0;
	if (w->v->unknown > 1 && is_this_boot(s))
		return found(w, VERIFY_APPENDED, s->number + 1, v->last, &w->last);
	return 0;
}

/* What was signed and kept must be there. */
static int check_kept_end(struct walker *w)
{
	const struct verify_kept *kept = &w->kept;
	uint64_t last = kept->n ? kept->v[kept->n - 1].number : 0;
	int rc = check_kept(w);

	if (!rc && last > w->v->last)
		rc = found(w, VERIFY_CUT, w->v->last + 1, last, &w->last);
	return rc;
}

/* The key that signs next is the one that was named last: of an earlier epoch nobody has it. */
static int check_key(struct walker *w)
{
	const struct verify_keys *k = &w->keys;
	struct seal_key key;

	if (!w->o->seal || seal_read_key(&key, w->o->seal))
		return 0;
	w->v->has_key = true;
	if (!k->known)
		return 0;
	if (memcmp(key.root, k->root, sizeof(key.root)) != 0)
		return found_because(w, VERIFY_SEAL, 0, 0, NULL,
				     "its key is of another root, and the log has no begin of it");
	if (key.epoch == k->epoch && !memcmp(key.key, k->key, sizeof(key.key)))
		return 0;
	if (key.epoch + 1 == k->epoch && !memcmp(key.key, k->last_key, sizeof(key.key)))
		return 0; /* the last checkpoint was interrupted */
	if (key.epoch > k->epoch)
		return found_because(w, VERIFY_CUT, w->v->last + 1, w->v->last + 1, &w->last,
				     "the seal has signed checkpoints that are not there");
	return found_because(w, VERIFY_SEAL, 0, 0, NULL,
			     "its key is of an earlier epoch than the log's last checkpoint: it "
			     "was put back");
}

static int check_beginning(struct walker *w)
{
	const struct verify *v = w->v;
	struct verify_place none = {};

	if (v->promised && v->first > v->promised)
		return found(w, VERIFY_BEGINNING, v->promised, v->first - 1, &none);
	return 0;
}

static int check_root(struct walker *w)
{
	if (!w->o->root || !memcmp(w->o->root, w->v->root, sizeof(w->v->root)))
		return 0;
	return found(w, VERIFY_ROOT, 0, 0, NULL);
}

static int check_end(struct walker *w)
{
	int rc = chain_walk_head(&w->chain);

	if (!rc && w->suspicion)
		return judge(w, NULL);
	if (!rc)
		rc = check_state(w);
	if (!rc)
		rc = check_strangers(w);
	if (!rc)
		rc = check_kept_end(w);
	if (!rc)
		rc = check_key(w);
	if (!rc)
		rc = check_beginning(w);
	if (!rc)
		rc = check_root(w);
	if (!rc && w->v->gaps)
		rc = found_because(w, VERIFY_REMOVED, w->v->gap_from, w->v->gap_to, &w->v->gap_at,
				   "the log's writer found so itself when it went on: cut off, or "
				   "lost with the machine's power");
	return rc;
}

/* ---- the files ------------------------------------------------------------------------------- */

static int open_one(struct log_file *f, const char *path, unsigned int number, struct diag *d)
{
	struct stat st;
	int err;

	rotate_name(f->path, sizeof(f->path), path, number);
	f->fd = file_open(f->path);
	if (f->fd < 0) {
		err = f->fd;
		/* Where the log was renamed, and nothing was written since. */
		if (err != -ENOENT || number)
			file_complain(d, f->path, err);
		return err;
	}
	f->size = fstat(f->fd, &st) ? 0 : st.st_size;
	return 0;
}

static void close_files(struct log_file *files, int n)
{
	while (n--)
		close(files[n].fd);
	free(files);
}

/* All that there are, the oldest first. Return: how many, or a negative errno. */
static int open_files(struct log_file **files, const char *path, struct diag *d)
{
	unsigned int numbers[ROTATE_KEEP_MAX];
	int n = rotate_list(path, numbers), i, opened = 0, err = 0;

	if (n < 0)
		return n;
	*files = calloc(n + 1, sizeof(**files));
	if (!*files)
		return -ENOMEM;
	for (i = n; i >= 0 && !err; i--) {
		err = open_one(&(*files)[opened], path, i ? numbers[i - 1] : 0, d);
		opened += !err;
	}
	if (!err || (err == -ENOENT && opened == n && n))
		return opened;
	close_files(*files, opened);
	*files = NULL;
	return err;
}

static int read_file(struct walker *w, const struct log_file *f)
{
	struct reading r = {.w = w};
	int rc;

	r.lines = (struct lines){.max = CHAIN_LINE_MAX,
				 .take = take_line,
				 .context = &r,
				 .progress = w->o->progress};
	w->file = f;
	w->offset = 0;
	rc = lines_read(&r.lines, f->fd);
	if (rc == -EMSGSIZE) {
		place(&w->stranger, w, r.lines.line);
		return found_because(w, VERIFY_GARBAGE, w->v->last, w->v->last, &w->stranger,
				     "a line that is longer than any record");
	}
	return rc;
}

static int read_files(struct walker *w, const struct log_file *files, int n)
{
	uint64_t total = 0;
	int i, rc = 0;

	for (i = 0; i < n; i++)
		total += files[i].size;
	if (w->o->progress)
		progress_start(w->o->progress, "verifying", total);
	for (i = 0; i < n && !rc; i++)
		rc = read_file(w, &files[i]);
	if (w->o->progress)
		progress_end(w->o->progress);
	w->v->files = n;
	return rc ? rc : check_end(w);
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* Log, state and key of one moment, where the lock of writers is to be had. */
static int open_all(struct walker *w, struct log_file **files, struct diag *d)
{
	char lock[PATH_MAX];
	int fd = -1, n, err;

	snprintf(lock, sizeof(lock), "%s.lock", w->o->path);
	if (!access(lock, R_OK | W_OK))
		fd = jsonl_lock(w->o->path);
	n = open_files(files, w->o->path, d);
	if (n >= 0 && w->o->seal) {
		w->v->has_state = !seal_read_state(&w->state, w->o->seal);
		err = verify_kept_read(&w->kept, w->o->seal);
		if (err == -ENOMEM)
			n = err;
	}
	if (fd >= 0)
		close(fd);
	return n;
}

int verify_log(struct verify *v, const struct verify_options *o, struct diag *d)
{
	struct walker w = {.v = v, .o = o};
	struct log_file *files = NULL;
	int n, rc;

	*v = (struct verify){};
	n = open_all(&w, &files, d);
	rc = n < 0 ? n : read_files(&w, files, n);
	if (n >= 0)
		close_files(files, n);
	chain_walk_end(&w.chain);
	verify_kept_free(&w.kept);
	return rc == FOUND ? 0 : rc;
}

bool verify_is_complete(const struct verify *v)
{
	return v->checkpoints && v->has_state && !v->unlinked && !v->unknown &&
	       (v->first == 1 || v->promised);
}

const char *verify_fault_word(enum verify_fault fault)
{
	static const char *const words[VERIFY_FAULTS] = {
		[VERIFY_SOUND] = "none",	  [VERIFY_CHANGED] = "changed",
		[VERIFY_REMOVED] = "removed",	  [VERIFY_REORDERED] = "reordered",
		[VERIFY_REPEATED] = "repeated",	  [VERIFY_INSERTED] = "inserted",
		[VERIFY_BEGINNING] = "beginning", [VERIFY_CUT] = "cut",
		[VERIFY_GARBAGE] = "garbage",	  [VERIFY_APPENDED] = "appended",
		[VERIFY_FORGED] = "forged",	  [VERIFY_SEAL] = "seal",
		[VERIFY_ROOT] = "root",
	};

	return words[fault];
}
