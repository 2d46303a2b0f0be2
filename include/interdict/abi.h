/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel and userspace share: every structure that crosses between the BPF program, the
 * controller, and the image that the one writes and the other reads. Nothing else is shared.
 *
 *   fingerprint   one fact that identifies a file
 *   identity      all fingerprints of one file, the state of its signature, and the stamp of the
 *                 content they were taken from
 *   rule          what a fingerprint means
 *   image         all rules in force, compiled: lines of 64 bytes, read as they lie
 *   event         the record of a verdict that a rule caused
 *
 * Integers are in the machine's own byte order: an image is a local cache and is never shipped.
 * Reserved fields are zero.
 */
#ifndef INTERDICT_ABI_H
#define INTERDICT_ABI_H

#include <linux/types.h>

#define INTERDICT_ABI_VERSION 6

/* ---- fingerprints ------------------------------------------------------------------------- */

#define FINGERPRINT_LEN 32

/* Kinds, in the words that policies, events and messages use. 0 is no kind. */
enum fingerprint_kind {
	FINGERPRINT_NONE = 0,
	FINGERPRINT_SHA256 = 1,	       /* SHA-256 of the whole file */
	FINGERPRINT_BUILD_ID = 2,      /* NT_GNU_BUILD_ID, zero padded */
	FINGERPRINT_AUTHENTIHASH = 3,  /* a PE image without what Authenticode leaves out */
	FINGERPRINT_SIGNED_DIGEST = 4, /* the content without its appended signature */
	FINGERPRINT_SIGNER_CERT = 5,   /* SHA-256 of the signer's certificate, DER */
	FINGERPRINT_SIGNER_KEY = 6,    /* SHA-256 of its SubjectPublicKeyInfo, DER */
	FINGERPRINT_SIGNER_KEY_ID = 7, /* subject key identifier, zero padded */
	FINGERPRINT_SIGNER_SERIAL = 8, /* SHA-256 of issuer and serial, DER */
	FINGERPRINT_SIGNER_ORG = 9,    /* SHA-256 of organizationName, folded */
	FINGERPRINT_PATH = 10,	       /* a directory that the file lies below: a name (names.h) */
	FINGERPRINT_MODULE_NAME = 11,  /* SHA-256 of a driver's name, - written as _: a name */
	FINGERPRINT_KINDS
};

/* Sets of kinds. */
#define KIND_BIT(kind) (1u << (kind))
#define KINDS_SIGNER                                                                               \
	(KIND_BIT(FINGERPRINT_SIGNER_CERT) | KIND_BIT(FINGERPRINT_SIGNER_KEY) |                    \
	 KIND_BIT(FINGERPRINT_SIGNER_KEY_ID) | KIND_BIT(FINGERPRINT_SIGNER_SERIAL) |               \
	 KIND_BIT(FINGERPRINT_SIGNER_ORG))

struct fingerprint {
	__u8 kind;	/* enum fingerprint_kind */
	__u8 signature; /* of a SIGNER_* kind: enum signature_state of the signature that says so */
	__u8 len;	/* of the value, where it is padded; 0: it is not */
	__u8 reserved[5];
	__u8 value[FINGERPRINT_LEN] __attribute__((aligned(8)));
};
_Static_assert(sizeof(struct fingerprint) == 40, "fingerprint");

/* ---- identity ------------------------------------------------------------------------------ */

/* Four of the file itself, and five of each of four signers. */
#define IDENTITY_FINGERPRINTS 24
#define SIGNER_NAME_LEN	      64

/* In order of strength: of several signatures the strongest is the file's. */
enum signature_state {
	SIGNATURE_NONE = 0,	/* carries no signature */
	SIGNATURE_INVALID = 1,	/* carries one that does not fit, or that nobody can read */
	SIGNATURE_CLAIMED = 2,	/* carries one that nobody checked */
	SIGNATURE_VALID = 3,	/* fits the certificate that comes with it, which anyone can make */
	SIGNATURE_VERIFIED = 4, /* chains to a certificate that the policy names */
	SIGNATURE_STATES
};

/* Why no signer was found where a signature seemed to be. */
enum fault {
	FAULT_NONE = 0,
	FAULT_READ,	  /* its bytes could not be read */
	FAULT_CUT,	  /* an element reaches beyond what holds it */
	FAULT_INDEFINITE, /* an element of indefinite length: not DER */
	FAULT_LENGTH,	  /* a length of more than four bytes */
	FAULT_TAG,	  /* another element than the format has there */
	FAULT_TRAILER,	  /* a trailer of another kind than an appended PKCS#7 signature */
	FAULT_TABLE,	  /* a certificate table that does not lie in the file */
	FAULT_NO_SIGNER,  /* a signature by nobody */
	FAULT_STEPS,	  /* more elements than any signature has */
	FAULTS
};

/*
 * The content that an identity was taken from. An identity whose stamp differs from the inode's
 * is not this file's any more. That it is the same is not enough: `ctime` moves in ticks of 4 ms
 * before 6.13, so that the program also drops what is kept when a file is opened for writing.
 */
struct stamp {
	__u64 size;  /* bytes */
	__s64 sec;   /* i_ctime */
	__u32 nsec;  /* i_ctime */
	__u32 valid; /* 1: may be compared; 0: not yet, or this file system gives none to trust */
	__u64 openings; /* for writing, of this inode and others, before the content was read */
};
_Static_assert(sizeof(struct stamp) == 32, "stamp");

struct identity {
	struct stamp stamp;
	__u32 taken;	 /* KIND_BIT of each kind that was looked for, found or not */
	__u8 count;	 /* fingerprints present, at most IDENTITY_FINGERPRINTS */
	__u8 signature;	 /* enum signature_state */
	__u8 signatures; /* that it carries, nested ones too */
	__u8 fault;	 /* enum fault: of the last signature that could not be read */
	__u64 trust;	 /* image_header.trust under which its signatures were checked */
	char signer[SIGNER_NAME_LEN]; /* common name of the first signer, NUL terminated */
	struct fingerprint fingerprints[IDENTITY_FINGERPRINTS];
};
_Static_assert(sizeof(struct identity) == 1072, "identity");

/* ---- rules --------------------------------------------------------------------------------- */

#define RULE_NAME_LEN  32 /* a vendor's or policy's Id with its NUL */
#define RULE_CHAIN_MAX 8  /* rules on one fingerprint */

enum rule_effect { RULE_DENY = 1, RULE_ALLOW = 2 };
enum rule_mode { MODE_MONITOR = 0, MODE_ENFORCE = 1 };

#define RULE_CANARY 0x1u /* interdict's own proof that denials work: state, not a denial */
#define RULE_KILL   0x2u /* what runs it already is ended; for userspace alone */

/*
 * One [Deny] or [Allow] section, or one fingerprint of an [Allow], or one path of a [Deny]. Digests
 * by the million point to the one rule that they came with. Where several rules name the same
 * fingerprint they are chained through `next`, and the strongest that is in force decides: allow,
 * deny, monitor.
 */
struct rule {
	/* line 0: what a verdict needs */
	__u8 effect;	/* enum rule_effect */
	__u8 mode;	/* enum rule_mode; of a deny */
	__u8 signature; /* enum signature_state that the signer must have; SIGNATURE_NONE: any */
	__u8 reserved;
	__u32 flags;   /* RULE_* */
	__u32 next;    /* index of the next rule for the same fingerprint, 0: none */
	__u32 line;    /* of the section header in its policy file */
	__u64 version; /* [Policy] Version= */
	__u64 from;    /* ns since 1970 UTC; before it a deny only records, an allow is not there */
	__u64 until;   /* ns since 1970 UTC, 0: no end; from then on the rule is not there */
	__u32 grace;   /* of RULE_KILL: seconds between finding a process and ending it */
	__u8 reserved2[20];
	/* line 1: what it names, where a tag is not enough */
	__u8 value[FINGERPRINT_LEN]; /* of an allow: the whole digest, compared in full; of a deny
					by path: what is reported */
	__u8 reserved3[32];
	/* line 2: whose it is */
	char vendor[RULE_NAME_LEN]; /* [Vendor] Id=, NUL terminated; empty for an allow */
	char policy[RULE_NAME_LEN]; /* [Policy] Id=, NUL terminated */
};
_Static_assert(sizeof(struct rule) == 192, "rule");

/* ---- image --------------------------------------------------------------------------------- */

/*
 * The policy as the kernel reads it: lines of 64 bytes, one cache line each.
 *
 *   line 0 …            struct image_header (IMAGE_HEADER_LINES)
 *   header.table        struct bucket: fingerprints; each lies in one of two buckets
 *   header.sizes        struct size_bucket: the sizes of listed digests, likewise
 *   header.rules        struct rule, RULE_LINES lines each; rule 0 is unused, 0 means "no rule"
 *
 * A look-up reads at most two lines, hit or miss, at any size. A digest costs 64 / 3 bytes divided
 * by the load of the table, a distinct size 8 bytes likewise: 32 at most (image_tables.h).
 */
#define IMAGE_MAGIC	   0x5443494452544e49ULL /* "INTRDICT" */
#define IMAGE_LINE	   64
#define IMAGE_HEADER_LINES 4
#define IMAGE_LINES_MAX	   (1u << 26) /* 4 GiB */

/* What tells, from the lengths of names alone, that no rule by path can name a file. */
struct image_names {
	__u64 anchored; /* bit n: a prefix from the root on ends in a directory of n bytes */
	__u64 floating; /* bit n: one that may begin anywhere does */
	__u32 depths;	/* bit n - 1: a prefix from the root on has n directories */
	__u32 lengths;	/* bit n - 1: one that may begin anywhere has */
};
_Static_assert(sizeof(struct image_names) == 24, "image names");

/*
 * When a file is refused of which nobody can find out whether a rule names it: while such a rule
 * would refuse it. A policy that only records refuses nothing, for that reason either. The canaries
 * do not count, and what SignatureState= asks for does not matter. In ns since 1970 UTC.
 */
struct image_unknown {
	__u64 from;	   /* the earliest From of a rule that enforces; all ones: none does */
	__u64 until;	   /* the latest Until of these, all ones: one has no end; 0: none does */
	__u64 noted_until; /* likewise of every [Deny]: until then it is recorded */
};
_Static_assert(sizeof(struct image_unknown) == 24, "image unknown");

struct image_header {
	/* line 0: what every look-up reads */
	__u64 magic;
	__u64 generation;   /* number of this policy on this machine; only grows */
	__u64 seed;	    /* mixed into every bucket choice */
	__u32 rules;	    /* line of rule 0 */
	__u32 rule_count;   /* with rule 0 */
	__u32 table;	    /* line of bucket 0 */
	__u32 buckets;	    /* 1 or more */
	__u32 sizes;	    /* line of size bucket 0 */
	__u32 size_buckets; /* 1 or more */
	__u32 unsized;	    /* digests listed without a size: if any, every file is a candidate */
	__u32 kinds;	    /* KIND_BIT of each kind that a rule names */
	__u64 trust;	    /* changes with the certificates that the policy names */
	/* line 1: what it is */
	__u32 abi;	    /* INTERDICT_ABI_VERSION */
	__u32 lines;	    /* length of the image in lines, header and all */
	__u64 created;	    /* ns since 1970 UTC */
	__u64 fingerprints; /* in the table, without the canary's */
	__u64 size_count;   /* distinct sizes */
	__u8 digest[32]; /* SHA-256 of the image with generation, created and both digests zero */
	/* lines 2 and 3 */
	__u32 denies; /* [Deny] sections in force or waiting */
	__u32 allows; /* [Allow] digests */
	__u32 vendors;
	__u32 policies;
	struct image_names names;
	__u8 local_digest[32]; /* SHA-256 of generation, created, digest: what this machine adds */
	struct image_unknown unknown_digest; /* by the rules that list digests of files */
	struct image_unknown unknown_inside; /* by those that name what is looked for inside */
	__u8 reserved2[8];
};
_Static_assert(sizeof(struct image_header) == IMAGE_LINE * IMAGE_HEADER_LINES, "image header");

/* The names begin so many bytes into this line of the header. */
#define IMAGE_NAMES_LINE 2
#define IMAGE_NAMES_AT	 16
_Static_assert(__builtin_offsetof(struct image_header, names) ==
		       IMAGE_NAMES_LINE * IMAGE_LINE + IMAGE_NAMES_AT,
	       "image names");

/* Both of what is unknown begin so many bytes into this line. */
#define IMAGE_UNKNOWN_LINE 3
#define IMAGE_UNKNOWN_AT   8
_Static_assert(__builtin_offsetof(struct image_header, unknown_digest) ==
		       IMAGE_UNKNOWN_LINE * IMAGE_LINE + IMAGE_UNKNOWN_AT,
	       "image unknown");

#define RULE_LINES (sizeof(struct rule) / IMAGE_LINE)

/*
 * Three fingerprints. A tag is the first half of the value: 128 bits, so that nobody can make an
 * unlisted file match; an allow is compared in full besides. A slot whose rule is 0 is empty.
 */
#define BUCKET_SLOTS	 3
#define SLOT_KIND(slot)	 ((slot) >> 24)
#define SLOT_RULE(slot)	 ((slot)&0xffffffu)
#define SLOT(kind, rule) ((__u32)(kind) << 24 | (rule))
#define IMAGE_RULES_MAX	 0xffffffu

struct tag {
	__u64 lo, hi;
};

struct bucket {
	struct tag tag[BUCKET_SLOTS];
	__u32 slot[BUCKET_SLOTS]; /* SLOT(kind, rule) */
	__u32 reserved;
};
_Static_assert(sizeof(struct bucket) == IMAGE_LINE, "bucket");

/* Eight sizes, in bytes; 0 is an empty place (no listed file is empty). */
#define SIZE_BUCKET_SLOTS 8

struct size_bucket {
	__u64 size[SIZE_BUCKET_SLOTS];
};
_Static_assert(sizeof(struct size_bucket) == IMAGE_LINE, "size bucket");

/* ---- verdicts and events --------------------------------------------------------------------- */

enum hook {
	HOOK_EXEC = 0,	 /* bprm_check_security */
	HOOK_EXEC_CHECK, /* bprm_creds_for_exec with AT_EXECVE_CHECK: a script about to be read */
	HOOK_MMAP,	 /* mmap_file */
	HOOK_MPROTECT,	 /* file_mprotect */
	HOOK_DRIVER,	 /* kernel_post_read_file: a driver from a file */
	HOOK_DRIVER_MEMORY, /* kernel_post_load_data: a driver from memory */
	HOOK_DRIVER_FILE,   /* kernel_read_file: what can only be asked of the file, for HOOK_DRIVER
			     */
	HOOK_WRITE,    /* file_open: what is kept of a file that is about to be written to goes */
	HOOK_TRUNCATE, /* inode_setattr: likewise */
	HOOKS
};

enum reason {
	REASON_NONE = 0,
	REASON_RULE,	     /* a rule names the file */
	REASON_UNIDENTIFIED, /* its size is listed and its digest could not be taken here */
	REASON_UNREADABLE,   /* its size is listed and reading it failed; `error` says how */
	REASON_LOADED,	     /* a rule names a driver that was there before enforcement began */
	REASON_RUNNING,	     /* a rule names what ran already when it came */
	REASONS
};

#define EVENT_PATH_LEN	4096
#define EVENT_COMM_LEN	16
#define MODULE_NAME_LEN 56 /* as the kernel's */

#define EVENT_DENIED	   0x1u	 /* refused; otherwise it would have been */
#define EVENT_PATH_UNKNOWN 0x2u	 /* no path: the hook cannot ask for it, or it is too long */
#define EVENT_BEFORE_FROM  0x4u	 /* allowed because the rule's From lies ahead */
#define EVENT_CEILING	   0x8u	 /* allowed because the machine's ceiling is monitor */
#define EVENT_DISABLED	   0x10u /* allowed because enforcement is disabled for a while */
#define EVENT_DIGEST	   0x20u /* `digest` is that of the whole file */

/*
 * Where something is in a tree: the names from the thing itself upward, each with its NUL, so that
 * the last of them is nearest to the root. A name is at most 255 bytes long.
 */
#define LOCATION_LEN 512

struct location {
	__u16 len;  /* bytes of `names` that are used; those behind it mean nothing */
	__u8 whole; /* 1: up to the root; 0: there is more above, or it cannot be told */
	__u8 reserved[5];
	char names[LOCATION_LEN];
};
_Static_assert(sizeof(struct location) == 520, "location");

/* A process above the one that tried. */
#define ANCESTORS 4

struct ancestor {
	__u64 start_time; /* ns since boot */
	__u32 pid;	  /* thread group, in the first pid namespace; 0: there is none */
	__u32 reserved;
	char comm[EVENT_COMM_LEN];
};
_Static_assert(sizeof(struct ancestor) == 32, "ancestor");

struct event {
	__u64 sequence;	  /* numbers every event of an epoch, also those that were lost; from 1 */
	__u64 epoch;	  /* control.epoch: with `sequence`, unique while this machine is up */
	__u64 time;	  /* ns since boot, CLOCK_BOOTTIME */
	__u64 generation; /* of the policy that decided */
	__u8 hook;	  /* enum hook */
	__u8 reason;	  /* enum reason */
	__u8 signature;	  /* enum signature_state */
	__u8 reserved;
	__u32 flags; /* EVENT_* */
	__s32 error; /* of REASON_UNREADABLE: a negative errno */
	__u32 rule_flags;
	__u64 rule_version;
	__u64 from; /* of EVENT_BEFORE_FROM: ns since 1970 UTC, when the rule will deny */
	char vendor[RULE_NAME_LEN];
	char policy[RULE_NAME_LEN];
	struct fingerprint matched; /* what the rule named; kind 0 without a rule */
	/* the file */
	__u64 inode;
	__u64 size;
	__u32 device;	  /* the kernel's encoding: major << 20 | minor */
	__u32 filesystem; /* super block magic */
	__u32 file_mode;
	__u32 path_len; /* with its NUL; 0: unknown */
	/* the process that tried */
	__u64 start_time; /* ns since boot */
	__u64 cgroup;
	__u32 pid; /* thread group, in the first pid namespace */
	__u32 tid;
	__u32 uid, gid;
	__u32 login_uid, session; /* 4294967295: unset */
	__u32 pid_namespace, mount_namespace, user_namespace, network_namespace; /* inodes */
	__u32 reserved2;
	char comm[EVENT_COMM_LEN];
	char terminal[EVENT_COMM_LEN];	      /* that it has; empty: none */
	struct ancestor ancestors[ANCESTORS]; /* its parent first */
	char signer[SIGNER_NAME_LEN];	      /* common name of the signer; empty: none */
	char module[MODULE_NAME_LEN];	      /* of a driver, its own name; empty: unknown */
	__u8 digest[FINGERPRINT_LEN];	      /* SHA-256 of the whole file: EVENT_DIGEST */
	/* not zeroed beforehand: what their lengths leave out means nothing */
	struct location executable, directory, control_group;
	char path[EVENT_PATH_LEN]; /* of a driver from memory: unknown */
};
_Static_assert(sizeof(struct event) == 2136 + EVENT_PATH_LEN, "event");

/* ---- what the controller sets and the program counts --------------------------------------- */

/* What the machine can decide, beyond digests of files and of drivers' bytes. */
#define CAN_KMOD     0x1u /* kmod/interdict.ko: signers, signatures, unpacking */
#define CAN_DYNPTR   0x2u /* bytes of files without it (7.x): signers, not checked */
#define CAN_UNPACKED 0x4u /* the kernel shows what it unpacks itself (7.x) */

/* Map `control`, one element, written by the controller at any time. */
struct control {
	__u32 ceiling;	      /* enum rule_mode: MONITOR turns every denial into a record */
	__u32 capabilities;   /* CAN_*: what the program was loaded with */
	__u8 program[32];     /* SHA-256 of the BPF object that is loaded: adopt it or replace it */
	__u64 epoch;	      /* when it was loaded, ns since boot */
	__u64 disabled_until; /* ns since boot: until then denials are only recorded; 0: no */
	__u64 clock;   /* the latest time seen, ns since 1970: set back, it revives nothing */
	__u32 standby; /* 1: another program still reports what both only record */
	__u32 reserved;
};
_Static_assert(sizeof(struct control) == 72, "control");

/* Map `counters`, one element. Only events and slow paths are counted: a look-up that finds nothing
 * costs nothing. */
struct counters {
	__u64 sequence;	      /* of the last event */
	__u64 lost_ring;      /* events that found the ring full */
	__u64 hashed;	      /* files whose digest was taken */
	__u64 hashed_bytes;   /* of those, by their sizes */
	__u64 hash_failed;    /* by any error */
	__u64 cached;	      /* identities kept */
	__u64 dropped;	      /* identities let go, for a writer or for new ones */
	__u64 examined;	      /* files and drivers looked into for signers and the like */
	__u64 hash_algorithm; /* that IMA's helper answered with last: 4 is SHA-256 */
	__u64 denied[HOOKS];
	__u64 monitored[HOOKS]; /* would have been denied */
};

/* Map `hits`: how often what is kept of a file was used. Each CPU counts in a line of its own, and
 * may lose one now and then to who interrupts it. */
#define HIT_PLACES 64

struct hit_count {
	__u64 count;
	__u64 reserved[7];
};
_Static_assert(sizeof(struct hit_count) == 64, "hit count");

#define PIN_DIR "/sys/fs/bpf/interdict"

#endif
