/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "deb.h"
#include "explanation.h"
#include "file.h"
#include "interdict/examine.h"
#include "interdict/filesystems.h"
#include "modules.h"
#include "names.h"
#include "policy_packages.h"

/* ---- what is in it --------------------------------------------------------------------------- */

/*
 * There is room for as many fingerprints as four signers have: a file of more may hide one that is
 * asked for behind others that are not. Then only what is asked for is looked for, as in the
 * kernel.
 */
static int take(struct known *k, const struct explaining *x, const char *path, bool checked)
{
	const struct certificates named = {.v = x->policy->certificates,
					   .n = x->policy->certificate_count};
	const struct certificates *trusted = checked ? &named : &examine_unchecked;
	int err = identity_of_file(k, path, trusted);

	if (err || (k->file.identity.count < IDENTITY_FINGERPRINTS &&
		    k->plain.identity.count < IDENTITY_FINGERPRINTS))
		return err;
	known_free(k);
	return identity_of_file_kinds(k, path, image_header(x->image)->kinds, trusted);
}

/* ---- what the kernel knows ------------------------------------------------------------------- */

static void add_fingerprint_of(struct identity *to, const struct fingerprint *f)
{
	if (to->count < IDENTITY_FINGERPRINTS)
		to->fingerprints[to->count++] = *f;
}

/* Of what was found in the file, what is looked for: the kinds in @want. */
static void add_kinds(struct identity *to, const struct identity *from, __u32 want)
{
	const struct fingerprint *f = from->fingerprints;

	for (; f < from->fingerprints + from->count; f++)
		if (want & KIND_BIT(f->kind))
			add_fingerprint_of(to, f);
}

/* The digest is only taken where a listed one may have this size. */
static __u32 wanted(const struct explaining *x, uint64_t size, __u32 kinds)
{
	const struct image_header *header = image_header(x->image);

	kinds &= header->kinds & ~KIND_BIT(FINGERPRINT_SHA256);
	if (image_is_candidate(x->image, header, size))
		kinds |= KIND_BIT(FINGERPRINT_SHA256);
	return kinds;
}

static struct explain_way *add_way(struct explanation *e, const char *name)
{
	struct explain_way *way = &e->ways[e->way_count++];

	way->name = name;
	way->has_path = true;
	return way;
}

/* As it is: a program, a library, a driver that is not packed. */
static void go_plain(struct explanation *e, const struct explaining *x)
{
	const struct identity *file = &e->known.file.identity;
	bool driver = e->known.content.kind == CONTENT_DRIVER;
	struct explain_way *way = add_way(e, driver ? "loaded" : "run or mapped");
	__u32 kinds = driver ? ability_driver_kinds(&x->able) : ability_file_kinds(&x->able);

	add_kinds(&way->identity, file, wanted(x, file->stamp.size, kinds));
}

/* The bytes that a packed driver unpacks to, as a hook sees them that cannot look into its file. */
static void go_unpacked(struct explanation *e, const struct explaining *x,
			const struct identity *plain, const char *name)
{
	struct explain_way *way = add_way(e, name);

	add_kinds(&way->identity, plain,
		  wanted(x, plain->stamp.size, ability_driver_kinds(&x->able)));
}

/* The packed bytes; interdict.ko looks inside, and takes the digest of that whatever its size. */
static void go_packed(struct explanation *e, const struct explaining *x)
{
	const struct identity *file = &e->known.file.identity, *plain = &e->known.plain.identity;
	struct explain_way *way = add_way(e, "loaded, packed");
	__u32 kinds = ability_driver_kinds(&x->able), want;

	want = wanted(x, file->stamp.size, kinds);
	if (ability_checks(&x->able) && plain->count) {
		add_kinds(&way->identity, plain,
			  wanted(x, plain->stamp.size, kinds) | KIND_BIT(FINGERPRINT_SHA256));
		want &= KIND_BIT(FINGERPRINT_SHA256);
	}
	add_kinds(&way->identity, file, want);
}

/* Without its file nobody checks a signature. */
static int go_driver_packed(struct explanation *e, const struct explaining *x, const char *path,
			    bool by_kernel)
{
	const struct identity *plain;
	struct known unchecked;
	int err = take(&unchecked, x, path, false);

	plain = &unchecked.plain.identity;
	if (!err && (by_kernel || !plain->count))
		go_packed(e, x);
	if (!err && plain->count && !by_kernel) {
		go_unpacked(e, x, plain, "unpacked by modprobe, and loaded");
		e->ways[e->way_count - 1].has_path = false;
	}
	if (!err && plain->count && by_kernel && x->able.capabilities & CAN_UNPACKED)
		go_unpacked(e, x, plain, "loaded, as the kernel unpacks it");
	known_free(&unchecked);
	return err;
}

/* ---- what the policy says -------------------------------------------------------------------- */

static bool is_same(const struct fingerprint *f, const struct fingerprint *g)
{
	return f->kind == g->kind && !memcmp(f->value, g->value, FINGERPRINT_LEN);
}

static const struct fingerprint *find(const struct identity *identity, const struct fingerprint *f)
{
	const struct fingerprint *g = identity->fingerprints;

	for (; g < identity->fingerprints + identity->count; g++)
		if (is_same(g, f))
			return g;
	return NULL;
}

/* Whether a signature in the state that @rule asks for says @f; it may be said by several. */
static bool state_fits(const struct explain_way *way, const struct rule *rule,
		       const struct fingerprint *f)
{
	const struct fingerprint *g = way->identity.fingerprints;

	for (; g < way->identity.fingerprints + way->identity.count; g++)
		if (is_same(g, f) && (!rule->signature || rule->signature == g->signature))
			return true;
	return false;
}

static enum standing standing_at(const struct rule *rule, uint64_t now)
{
	switch (rule_strength(rule->effect, rule->mode, rule->from, rule->until, now)) {
	case STRENGTH_ALLOW:
		return STANDING_ALLOW;
	case STRENGTH_DENY:
		return STANDING_DENY;
	case STRENGTH_MONITOR:
		return rule->mode == MODE_MONITOR ? STANDING_MONITOR : STANDING_AHEAD;
	}
	return rule->until && now >= rule->until ? STANDING_OVER : STANDING_NOT_YET;
}

/* What @rule does on one way. */
static enum standing standing_on(const struct explaining *x, const struct explain_way *way,
				 const struct rule *rule, const struct fingerprint *f)
{
	bool known = find(&way->identity, f);

	if (f->kind == FINGERPRINT_PATH)
		return way->has_path ? standing_at(rule, x->now) : STANDING_UNTOLD;
	if (!known && f->kind == FINGERPRINT_SHA256)
		return STANDING_OTHER_SIZE;
	if (!known)
		return STANDING_UNTOLD;
	if (!state_fits(way, rule, f))
		return STANDING_OTHER_STATE;
	return standing_at(rule, x->now);
}

/* Whether the digest @f is not taken for its size alone, and not for the way the driver comes. */
static bool is_other_size(const struct explanation *e, const struct explaining *x,
			  const struct fingerprint *f)
{
	const struct identity *of = &e->known.file.identity;

	if (f->kind != FINGERPRINT_SHA256)
		return false;
	if (!find(of, f))
		of = &e->known.plain.identity;
	return !image_is_candidate(x->image, image_header(x->image), of->stamp.size);
}

/* Whether rule @index, by @f, is what decides on one way. */
static bool decides_on(const struct explain_way *way, uint32_t index, const struct fingerprint *f)
{
	if (way->verdict.rule != index)
		return false;
	if (way->verdict.fingerprint == FINGERPRINT_OF_NAME)
		return f->kind == FINGERPRINT_PATH;
	return is_same(&way->identity.fingerprints[way->verdict.fingerprint], f);
}

static void judge_rule(struct explain_rule *r, const struct explanation *e,
		       const struct explaining *x, uint32_t index)
{
	const struct explain_way *way;
	enum standing standing;

	for (way = e->ways; way < e->ways + e->way_count; way++) {
		standing = standing_on(x, way, r->rule, &r->f);
		if (standing > r->standing)
			r->standing = standing;
		r->decides |= decides_on(way, index, &r->f);
	}
	if (r->standing == STANDING_OTHER_SIZE && !is_other_size(e, x, &r->f))
		r->standing = STANDING_UNTOLD;
}

static struct explain_rule *add_rule(struct explanation *e)
{
	struct explain_rule *v = reallocarray(e->rules, e->rule_count + 1, sizeof(*v));

	if (!v)
		return NULL;
	e->rules = v;
	v += e->rule_count++;
	memset(v, 0, sizeof(*v));
	return v;
}

/* Every rule of the chain that names @f. */
static int add_chain(struct explanation *e, const struct explaining *x, const struct fingerprint *f)
{
	const struct image_header *header = image_header(x->image);
	const struct rule *rule;
	struct explain_rule *r;
	uint32_t index;
	int i;

	index = image_find(x->image, header, f);
	for (i = 0; i < RULE_CHAIN_MAX && index; i++, index = rule->next) {
		rule = image_rule(x->image, index);
		if (!rule)
			break;
		if (rule->effect == RULE_ALLOW && !allow_matches(x->image, header, index, f))
			continue;
		r = add_rule(e);
		if (!r)
			return -ENOMEM;
		r->rule = rule;
		r->f = *f;
		judge_rule(r, e, x, index);
	}
	return 0;
}

static bool is_repeated(const struct identity *identity, const struct fingerprint *f)
{
	return find(identity, f) != f;
}

static int add_rules(struct explanation *e, const struct explaining *x,
		     const struct identity *identity, const struct identity *before)
{
	const struct fingerprint *f = identity->fingerprints;
	int err = 0;

	for (; f < identity->fingerprints + identity->count && !err; f++)
		if (!is_repeated(identity, f) && !(before && find(before, f)))
			err = add_chain(e, x, f);
	return err;
}

/* A prefix that begins anywhere may be found in more than one place. */
static bool was_noted(const struct name_walk *w, unsigned int n, const struct fingerprint *f)
{
	struct fingerprint before;
	unsigned int i;

	for (i = 0; i < n; i++) {
		before = names_fingerprint(w, i);
		if (is_same(&before, f))
			return true;
	}
	return false;
}

/* What names the file by its path. */
static int add_names(struct explanation *e, const struct explaining *x)
{
	struct name_walk w;
	struct fingerprint f;
	unsigned int i;
	int err = 0;

	if (!e->path)
		return 0;
	names_of_path(&w, x->image, e->path);
	for (i = 0; i < names_noted(&w) && !err; i++) {
		f = names_fingerprint(&w, i);
		if (!was_noted(&w, i, &f))
			err = add_chain(e, x, &f);
	}
	return err;
}

static int compare_rules(const void *a, const void *b)
{
	const struct explain_rule *r = a, *s = b;

	if (r->decides != s->decides)
		return s->decides - r->decides;
	if (r->standing != s->standing)
		return (int)s->standing - (int)r->standing;
	return (r->rule > s->rule) - (r->rule < s->rule);
}

static void sort_rules(struct explanation *e)
{
	if (e->rule_count)
		qsort(e->rules, e->rule_count, sizeof(*e->rules), compare_rules);
}

/* None of them does. */
static void undecide_rules(struct explanation *e)
{
	size_t i;

	for (i = 0; i < e->rule_count; i++)
		e->rules[i].decides = false;
}

static enum outcome outcome_of(const struct explaining *x, const struct verdict *verdict)
{
	const struct rule *rule = verdict->rule ? image_rule(x->image, verdict->rule) : NULL;

	if (!rule)
		return OUTCOME_UNNAMED;
	if (verdict->allow)
		return OUTCOME_EXCEPTED;
	if (!verdict->deny)
		return OUTCOME_RECORDED;
	/* The canary proves that hooks deny, whatever the machine's ceiling. */
	return x->leniency && !(rule->flags & RULE_CANARY) ? OUTCOME_LENIENT : OUTCOME_DENIED;
}

/* Evaluate each way; the worst is the file's. */
static int judge(struct explanation *e, const struct explaining *x)
{
	struct explain_way *way;
	enum outcome outcome;
	int err;

	for (way = e->ways; way < e->ways + e->way_count; way++) {
		way->verdict = evaluate(x->image, image_header(x->image), &way->identity, x->now);
		if (e->path && way->has_path)
			names_evaluate(&way->verdict, x->image, e->path, x->now);
		outcome = outcome_of(x, &way->verdict);
		if (outcome > e->outcome)
			e->outcome = outcome;
	}
	err = add_rules(e, x, &e->known.file.identity, NULL);
	if (!err)
		err = add_rules(e, x, &e->known.plain.identity, &e->known.file.identity);
	if (!err)
		err = add_names(e, x);
	sort_rules(e);
	return err;
}

/* ---- packages: nothing runs them, and apt asks before it unpacks one ----------------------- */

static struct rule rule_of_section(const struct section *s)
{
	struct rule rule = {
		.effect = s->effect,
		.mode = s->mode,
		.line = s->line,
		.version = s->file->version,
		.from = s->from,
		.until = s->until,
	};

	snprintf(rule.vendor, sizeof(rule.vendor), "%s", s->vendor);
	snprintf(rule.policy, sizeof(rule.policy), "%s", s->file->id);
	return rule;
}

static bool lists_package(const struct section *s, const struct fingerprint *f)
{
	size_t i;

	for (i = 0; i < s->package_list_count; i++)
		if (digests_find(&s->package_lists[i].digests, f->value))
			return true;
	return false;
}

/* What @s says of a package, if it names it. There is room for a rule of each section. */
static int add_package_rule(struct explanation *e, const struct explaining *x,
			    const struct section *s, const struct package *p)
{
	const struct fingerprint *f = &e->known.file.identity.fingerprints[0];
	const struct package_pattern *package = NULL;
	struct explain_rule *r;

	if (!lists_package(s, f)) {
		package = p->name ? policy_find_package(s, p) : NULL;
		if (!package)
			return 0;
	}
	r = add_rule(e);
	if (!r)
		return -ENOMEM;
	e->package_rules[e->package_rule_count] = rule_of_section(s);
	r->rule = &e->package_rules[e->package_rule_count++];
	r->f = *f;
	r->section = s;
	r->package = package;
	r->standing = standing_at(r->rule, x->now);
	return 0;
}

/* The fields of a .deb; of an .rpm, and of what is damaged, only the digest of the file counts. */
static int add_package_rules(struct explanation *e, const struct explaining *x, const char *path)
{
	const struct policy *policy = x->policy;
	struct deb deb;
	int err = deb_read(&deb, path);
	const struct package p = {.format = PACKAGE_DPKG,
				  .name = deb.package,
				  .maintainer = deb.maintainer,
				  .vendor = deb.vendor};
	size_t i;

	err = err == -ENOMEM ? err : 0;
	e->package_rules = calloc(policy->section_count + 1, sizeof(*e->package_rules));
	if (!e->package_rules)
		err = -ENOMEM;
	for (i = 0; i < policy->section_count && !err; i++)
		err = add_package_rule(e, x, policy->sections[i], &p);
	deb_free(&deb);
	return err;
}

/* An exception for the package's own digest is one here, too. */
static void judge_package(struct explanation *e, struct explain_rule *strongest,
			  const struct explaining *x)
{
	enum outcome outcome = OUTCOME_RECORDED;

	if (strongest->standing == STANDING_DENY)
		outcome = x->leniency ? OUTCOME_LENIENT : OUTCOME_REFUSED;
	else if (strongest->standing < STANDING_AHEAD)
		return;
	if (e->outcome == OUTCOME_EXCEPTED || outcome <= e->outcome)
		return;
	e->outcome = outcome;
	undecide_rules(e);
	strongest->decides = true;
}

static int explain_package(struct explanation *e, const struct explaining *x, const char *path)
{
	struct explain_rule *strongest = NULL;
	size_t i, first = e->rule_count;
	int err = add_package_rules(e, x, path);

	for (i = first; i < e->rule_count; i++)
		if (!strongest || e->rules[i].standing > strongest->standing)
			strongest = &e->rules[i];
	if (err || !strongest)
		return err;
	judge_package(e, strongest, x);
	sort_rules(e);
	return 0;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* What is asked for and cannot be read is refused, whatever names the file. */
static void judge_unreadable(struct explanation *e, const struct explaining *x)
{
	e->outcome = x->leniency ? OUTCOME_LENIENT : OUTCOME_UNREADABLE;
	undecide_rules(e);
	sort_rules(e);
}

/* What may be a file of content and says that it has none gives no digest that could be told. */
static void judge_size(struct explanation *e, const struct explaining *x, const char *path)
{
	struct statfs fs;

	if (e->known.file.identity.stamp.size || !image_header(x->image)->unsized ||
	    statfs(path, &fs) || !may_lie_about_size(fs.f_type))
		return;
	judge_unreadable(e, x);
}

/*
 * Of a file that cannot be read: -EIO, for the kernel neither; -EACCES, by who asks. Where nothing
 * asks what is in it, its name alone decides. A driver may be asked for more than a program.
 */
static int explain_unread(struct explanation *e, const struct explaining *x, const char *path,
			  int err)
{
	bool by_nobody = err == -EIO;
	__u32 kinds = by_nobody ? ability_file_kinds(&x->able) : ability_driver_kinds(&x->able);
	struct stat st;

	known_free(&e->known);
	e->known = (struct known){};
	e->unread = err;
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return err;
	kinds = wanted(x, st.st_size, kinds) & ~KIND_BIT(FINGERPRINT_PATH);
	if (kinds && !by_nobody)
		return err;
	e->known.file.identity.stamp.size = st.st_size;
	add_way(e, "run or mapped");
	if (judge(e, x))
		return -ENOMEM;
	if (kinds)
		judge_unreadable(e, x);
	else
		judge_size(e, x, path);
	return e->outcome == OUTCOME_UNNAMED ? err : 0;
}

static bool is_unpacked_by_kernel(const struct explaining *x, const char *path)
{
	struct bytes bytes = {.fd = file_open(path), .size = 8};
	uint8_t head[8];
	ssize_t n;

	if (bytes.fd < 0)
		return false;
	n = bytes_read(&bytes, 0, head, sizeof(head));
	close(bytes.fd);
	return n > 0 && ability_unpacks(&x->able, head, n);
}

int explain_file(struct explanation *e, const struct explaining *x, const char *path)
{
	int err;

	memset(e, 0, sizeof(*e));
	e->path = realpath(path, NULL);
	if (!e->path && errno == ENOMEM)
		return -ENOMEM;
	err = take(&e->known, x, path, ability_checks(&x->able));
	if (err == -EIO || err == -EACCES)
		return explain_unread(e, x, path, err);
	if (err)
		return err;
	if (e->known.content.kind == CONTENT_DRIVER_PACKED)
		err = go_driver_packed(e, x, path, is_unpacked_by_kernel(x, path));
	else
		go_plain(e, x);
	if (!err)
		err = judge(e, x);
	if (!err && e->known.content.kind == CONTENT_PACKAGE)
		err = explain_package(e, x, path);
	if (!err)
		judge_size(e, x, path);
	return err;
}

int explain_module_name(struct explanation *e, const struct explaining *x, const char *name)
{
	struct identity *identity = &e->known.file.identity;
	int err;

	memset(e, 0, sizeof(*e));
	err = module_name_fingerprint(&identity->fingerprints[0], name);
	if (err)
		return err;
	identity->count = 1;
	add_kinds(&add_way(e, "loaded")->identity, identity, ability_driver_kinds(&x->able));
	return judge(e, x);
}

void explanation_free(struct explanation *e)
{
	known_free(&e->known);
	free(e->rules);
	free(e->package_rules);
	free(e->path);
	memset(e, 0, sizeof(*e));
}

/* ---- words ----------------------------------------------------------------------------------- */

const char *explain_outcome_name(enum outcome outcome)
{
	static const char *const names[OUTCOMES] = {
		[OUTCOME_UNNAMED] = "unnamed",	     [OUTCOME_EXCEPTED] = "excepted",
		[OUTCOME_RECORDED] = "recorded",     [OUTCOME_LENIENT] = "lenient",
		[OUTCOME_REFUSED] = "refused",	     [OUTCOME_DENIED] = "denied",
		[OUTCOME_UNREADABLE] = "unreadable",
	};

	return names[outcome];
}

const char *explain_standing_name(enum standing standing)
{
	static const char *const names[STANDINGS] = {
		[STANDING_UNTOLD] = "untold",
		[STANDING_OTHER_SIZE] = "other-size",
		[STANDING_OTHER_STATE] = "other-state",
		[STANDING_OVER] = "over",
		[STANDING_NOT_YET] = "not-yet",
		[STANDING_AHEAD] = "ahead",
		[STANDING_MONITOR] = "monitor",
		[STANDING_DENY] = "deny",
		[STANDING_ALLOW] = "allow",
	};

	return names[standing];
}
