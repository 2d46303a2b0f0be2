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
#include <rpm/rpmts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "packages_reader.h"

#define COPY_TRIES   10
#define COPY_WAIT_MS 50
#define FILES_MAX    3
#define KEY_ID_LEN   8

/* The kinds of database that there are, and what has the packages of each. The first file says
 * which it is; indexes are not needed. */
static const struct backend {
	const char *name;
	const char *files[FILES_MAX];
} backends[] = {
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

/* ---- a copy ---------------------------------------------------------------------------------- */

struct rpm_database {
	struct rpm_database *next;
	const struct backend *backend;
	const char *place;
	char copy[64]; /* a directory; empty: none */
	rpmts ts;
};

static void remove_copy(struct rpm_database *r)
{
	/* What SQLite makes besides, too. */
	static const char *const more[] = {"rpmdb.sqlite-shm", "rpmdb.sqlite-journal", ".rpm.lock",
					   "Index.db"};
	char path[128];
	size_t i;

	if (!*r->copy)
		return;
	for (i = 0; i < FILES_MAX + COUNT(more); i++) {
		const char *name = i < FILES_MAX ? r->backend->files[i] : more[i - FILES_MAX];

		if (!name)
			continue;
		snprintf(path, sizeof(path), "%s/%s", r->copy, name);
		unlink(path);
	}
	rmdir(r->copy);
	*r->copy = 0;
}

static int make_copy_dir(struct rpm_database *r)
{
	const char *where = access(STATE_DIR, W_OK) ? "/tmp" : STATE_DIR;

	snprintf(r->copy, sizeof(r->copy), "%s/.rpm.XXXXXX", where);
	if (mkdtemp(r->copy))
		return 0;
	*r->copy = 0;
	return -errno;
}

static int copy_fd(int to, int from)
{
	ssize_t n;

	/* Shares the blocks where the file system can. */
	while ((n = copy_file_range(from, NULL, to, NULL, 1 << 30, 0)) > 0)
		;
	if (n < 0 && lseek(from, 0, SEEK_CUR) == 0)
		while ((n = sendfile(to, from, NULL, 1 << 30)) > 0)
			;
	return n < 0 ? -errno : 0;
}

static int copy_file(struct packages *db, struct rpm_database *r, const char *name)
{
	char from[128], to[128];
	int in, out, err;

	snprintf(from, sizeof(from), "%s/%s", r->place, name);
	in = packages_open_path(db, from);
	if (in < 0)
		return in;
	snprintf(to, sizeof(to), "%s/%s", r->copy, name);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	err = out < 0 ? -errno : copy_fd(out, in);
	close(in);
	if (out >= 0)
		close(out);
	return err;
}

/* What changes with every write to a file of the database. */
struct marks {
	struct {
		ino_t inode;
		off_t size;
		uint64_t changed; /* ns */
	} file[FILES_MAX];
};

static uint64_t take_marks(struct packages *db, const struct rpm_database *r, struct marks *marks)
{
	uint64_t newest = 0;
	char path[128];
	struct stat st;
	int i, fd;

	memset(marks, 0, sizeof(*marks));
	for (i = 0; i < FILES_MAX && r->backend->files[i]; i++) {
		snprintf(path, sizeof(path), "%s/%s", r->place, r->backend->files[i]);
		fd = packages_below(db, path, O_PATH);
		if (fd < 0)
			continue;
		if (!fstat(fd, &st)) {
			marks->file[i].inode = st.st_ino;
			marks->file[i].size = st.st_size;
			marks->file[i].changed =
				st.st_ctim.tv_sec * 1000000000ULL + st.st_ctim.tv_nsec;
			if (marks->file[i].changed > newest)
				newest = marks->file[i].changed;
		}
		close(fd);
	}
	return newest;
}

static int copy_files(struct packages *db, struct rpm_database *r)
{
	int i, err = 0;

	for (i = 0; !err && i < FILES_MAX && r->backend->files[i]; i++) {
		err = copy_file(db, r, r->backend->files[i]);
		/* A log is only there between transactions. */
		if (i && err == -ENOENT)
			err = 0;
	}
	return err;
}

/* A change that is younger than the clock of file systems can tell may be followed by another that
 * leaves the same marks. */
static bool is_settled(uint64_t changed)
{
	uint64_t now = clock_ns(CLOCK_REALTIME);

	return changed > now || now - changed > COPY_WAIT_MS * 1000000ULL;
}

static int copy(struct packages *db, struct rpm_database *r)
{
	struct marks before, after;
	int i, err = make_copy_dir(r);

	for (i = 0; !err && i < COPY_TRIES; i++) {
		if (is_settled(take_marks(db, r, &before))) {
			err = copy_files(db, r);
			take_marks(db, r, &after);
			if (err || !memcmp(&before, &after, sizeof(before)))
				return err;
		}
		usleep(COPY_WAIT_MS * 1000);
	}
	return err ? err : -EBUSY;
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
	remove_copy(r);
	free(r);
}

static int read_database(struct packages *db, struct rpm_database *r)
{
	const char *missing = load_library();
	int err;

	if (missing)
		return complain(db, r->place, missing,
				"is not installed here: install librpm10 or librpm9 (rpm-libs)");
	err = copy(db, r);
	db->busy |= err == -EBUSY;
	if (!err)
		err = open_copy(r);
	if (!err)
		err = add_all(db, r);
	/* librpm has it open: nothing is left behind, however this ends. */
	remove_copy(r);
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
