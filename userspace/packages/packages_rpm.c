/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rpm's database, by librpm 4.16 and later (soname 9 and 10), which is opened when there is a
 * database to read: a machine of dpkg's needs none.
 *
 * librpm takes locks even to read: SQLite's, and flock(2) on Packages.db. So it is given a copy.
 * Its configuration is not read: macros there could run commands.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <rpm/header.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmfiles.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmmacro.h>
#include <rpm/rpmpgp.h>
#include <rpm/rpmtd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "packages_rpm.h"

#define KEY_ID_LEN 8

static const struct backend backends[] = {
	{"sqlite", {"rpmdb.sqlite", "rpmdb.sqlite-wal"}},
	{"ndb", {"Packages.db"}},
	{"bdb_ro", {"Packages"}},
};

static const char *const places[] = {
	"/usr/lib/sysimage/rpm",
	"/var/lib/rpm",
	"/root/.rpmdb",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- librpm ---------------------------------------------------------------------------------- */

/* clang-format off */
#define FUNCTIONS(X) \
	X(rpmlogSetMask) X(rpmlogSetCallback) X(rpmPushMacro) X(rpmPopMacro) X(rpmtsCreate) X(rpmtsFree) \
	X(rpmtsSetVSFlags) X(rpmtsOpenDB) X(rpmtsInitIterator) X(rpmdbNextIterator) \
	X(rpmdbGetIteratorOffset) X(rpmdbFreeIterator) X(headerGetString) \
	X(headerGetAsString) X(headerGet) X(rpmtdNew) X(rpmtdFree) X(rpmtdFreeData) \
	X(rpmfilesNew) X(rpmfilesFree) X(rpmfilesFC) X(rpmfilesFN) X(rpmfilesFSize) \
	X(rpmfilesFDigest) X(pgpPrtParams) X(pgpDigParamsSignID) X(pgpDigParamsFree)
/* clang-format on */

static struct {
	void *handle;
#define FIELD(function) __typeof__(function) *function;
	FUNCTIONS(FIELD)
#undef FIELD
} rpm;

/* A database that it cannot read looks to it like one without packages, but for what it logs;
 * so does one of a kind that it was built without. */
static unsigned int errors;

static int note_error(rpmlogRec record, rpmlogCallbackData data)
{
	errors++;
	return 0;
}

/* Return: NULL, or what is missing. */
static const char *load_functions(void)
{
#define LOAD(function)                                                                             \
	rpm.function = (__typeof__(rpm.function))dlsym(rpm.handle, #function);                     \
	if (!rpm.function)                                                                         \
		return #function;
	FUNCTIONS(LOAD)
#undef LOAD
	return NULL;
}

static const char *load_library(void)
{
	static const char *const names[] = {"librpm.so.10", "librpm.so.9"};
	const char *missing;
	size_t i;

	for (i = 0; !rpm.handle && i < COUNT(names); i++)
		rpm.handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (!rpm.handle)
		return "librpm";
	missing = rpm.pgpDigParamsFree ? NULL : load_functions();
	if (missing)
		return missing;
	rpm.rpmlogSetMask(RPMLOG_UPTO(RPMLOG_WARNING));
	rpm.rpmlogSetCallback(note_error, NULL);
	return NULL;
}

/* ---- packages -------------------------------------------------------------------------------- */

static char *get_string(Header h, rpmTagVal tag, bool *no_memory)
{
	const char *text = rpm.headerGetString(h, tag);
	char *string = text ? strndup(text, PACKAGE_TEXT_MAX) : NULL;

	*no_memory |= text && !string;
	return string;
}

static char *key_of_signature(const void *data, size_t len)
{
	pgpDigParams params = NULL;
	const uint8_t *id;
	char *key = NULL;
	int i;

	if (rpm.pgpPrtParams(data, len, PGPTAG_SIGNATURE, &params) || !params)
		return NULL;
	id = rpm.pgpDigParamsSignID(params);
	if (id)
		key = malloc(2 * KEY_ID_LEN + 1);
	for (i = 0; key && i < KEY_ID_LEN; i++)
		sprintf(key + 2 * i, "%02x", id[i]);
	rpm.pgpDigParamsFree(params);
	return key;
}

/* Of a header's signatures, the first. They are not checked: what they claim is enough. */
static char *get_key(Header h)
{
	static const rpmTagVal tags[] = {RPMTAG_RSAHEADER, RPMTAG_DSAHEADER, RPMTAG_SIGPGP,
					 RPMTAG_SIGGPG};
	rpmtd td = rpm.rpmtdNew();
	char *key = NULL;
	size_t i;

	for (i = 0; td && !key && i < COUNT(tags); i++) {
		if (!rpm.headerGet(h, tags[i], td, HEADERGET_MINMEM))
			continue;
		if (td->type == RPM_BIN_TYPE)
			key = key_of_signature(td->data, td->count);
		rpm.rpmtdFreeData(td);
	}
	rpm.rpmtdFree(td);
	return key;
}

static int add_header(struct packages *db, struct rpm_database *r, Header h, unsigned int offset)
{
	struct package p = {.format = PACKAGE_RPM, .rpm = r, .place = offset};
	bool no_memory = false;

	p.name = get_string(h, RPMTAG_NAME, &no_memory);
	p.version = rpm.headerGetAsString(h, RPMTAG_EVR);
	p.architecture = get_string(h, RPMTAG_ARCH, &no_memory);
	p.maintainer = get_string(h, RPMTAG_PACKAGER, &no_memory);
	p.vendor = get_string(h, RPMTAG_VENDOR, &no_memory);
	p.key = get_key(h);
	if (p.name && !no_memory)
		return packages_add(db, &p);
	package_free(&p);
	return no_memory ? -ENOMEM : 0;
}

static int add_all(struct packages *db, struct rpm_database *r)
{
	rpmdbMatchIterator it = rpm.rpmtsInitIterator(r->ts, RPMDBI_PACKAGES, NULL, 0);
	int err = 0;
	Header h;

	while (!err && it && (h = rpm.rpmdbNextIterator(it)))
		err = add_header(db, r, h, rpm.rpmdbGetIteratorOffset(it));
	rpm.rpmdbFreeIterator(it);
	return err ? err : errors ? -EBADMSG : 0;
}

/* librpm asks its macros where the database is, and which kind. */
static int open_copy(struct rpm_database *r)
{
	int err;

	errors = 0;
	rpm.rpmPushMacro(NULL, "_dbpath", NULL, r->copy, RMIL_CMDLINE);
	rpm.rpmPushMacro(NULL, "_db_backend", NULL, r->backend->name, RMIL_CMDLINE);
	r->ts = rpm.rpmtsCreate();
	rpm.rpmtsSetVSFlags(r->ts,
			    RPMVSF_MASK_NODIGESTS | RPMVSF_MASK_NOSIGNATURES | RPMVSF_NOHDRCHK);
	err = rpm.rpmtsOpenDB(r->ts, O_RDONLY) ? -EBADMSG : 0;
	rpm.rpmPopMacro(NULL, "_db_backend");
	rpm.rpmPopMacro(NULL, "_dbpath");
	return err;
}

static int complain(struct packages *db, const char *place, const char *what, const char *remedy)
{
	diag_warning(db->d, place, 0, "packages of rpm's cannot be told: %s: %s", what, remedy);
	db->unread++;
	return 0;
}

static void close_database(struct rpm_database *r)
{
	if (r->ts)
		rpm.rpmtsFree(r->ts);
	rpm_remove_copy(r);
	free(r);
}

static int read_database(struct packages *db, struct rpm_database *r)
{
	const char *missing = load_library();
	int err;

	if (missing)
		return complain(db, r->place, missing,
				"is not installed here: install librpm10 or librpm9 (rpm-libs)");
	err = rpm_copy(db, r);
	db->busy |= err == -EBUSY;
	if (!err)
		err = open_copy(r);
	if (!err)
		err = add_all(db, r);
	/* librpm has it open: nothing is left behind, however this ends. */
	rpm_remove_copy(r);
	if (!err || err == -ENOMEM)
		return err;
	return complain(db, r->place, strerror(-err), "rpmdb --verifydb says more");
}

static int add_database(struct packages *db, const char *place, const struct backend *backend)
{
	struct rpm_database *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->place = place;
	r->backend = backend;
	r->next = db->rpm;
	db->rpm = r;
	return read_database(db, r);
}

/* Whether @path is a file with something in it. A link is the same database under another name. */
static bool is_there(struct packages *db, const char *place, const char *name)
{
	int dir = packages_below(db, place, O_PATH | O_DIRECTORY);
	struct stat st;
	bool there;

	if (dir < 0)
		return false;
	there = !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode) && st.st_size;
	close(dir);
	return there;
}

int rpm_open(struct packages *db)
{
	size_t i, k;
	int err = 0;

	for (i = 0; !err && i < COUNT(places); i++) {
		for (k = 0; k < COUNT(backends); k++)
			if (is_there(db, places[i], backends[k].files[0]))
				break;
		if (k < COUNT(backends))
			err = add_database(db, places[i], &backends[k]);
	}
	return err;
}

void rpm_close(struct packages *db)
{
	struct rpm_database *r;

	while ((r = db->rpm)) {
		db->rpm = r->next;
		close_database(r);
	}
}

/* ---- files ----------------------------------------------------------------------------------- */

static int each_file(rpmfiles files, package_file_fn fn, void *context)
{
	struct package_file file;
	int n = rpm.rpmfilesFC(files), i, rc = 0, algorithm;
	const unsigned char *digest;
	size_t len;
	char *path;

	for (i = 0; !rc && i < n; i++) {
		path = rpm.rpmfilesFN(files, i);
		if (!path)
			continue;
		algorithm = 0;
		digest = rpm.rpmfilesFDigest(files, i, &algorithm, &len);
		file = (struct package_file){.path = path, .size = rpm.rpmfilesFSize(files, i)};
		if (digest && algorithm == PGPHASHALGO_SHA256 && len == FINGERPRINT_LEN)
			file.sha256 = digest;
		rc = *path == '/' ? fn(context, &file) : 0;
		free(path);
	}
	return rc;
}

int rpm_files(struct packages *db, const struct package *p, package_file_fn fn, void *context)
{
	unsigned int offset = p->place;
	rpmdbMatchIterator it =
		rpm.rpmtsInitIterator(p->rpm->ts, RPMDBI_PACKAGES, &offset, sizeof(offset));
	Header h = it ? rpm.rpmdbNextIterator(it) : NULL;
	rpmfiles files = h ? rpm.rpmfilesNew(NULL, h, RPMTAG_BASENAMES, RPMFI_FLAGS_QUERY) : NULL;
	int rc = files ? each_file(files, fn, context) : -ENODATA;

	rpm.rpmfilesFree(files);
	rpm.rpmdbFreeIterator(it);
	return rc;
}
