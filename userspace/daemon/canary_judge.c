/* SPDX-License-Identifier: GPL-2.0-only */
/* What a try of one way proves: that it was refused proves nothing, that we have refused it does.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "canary_proof.h"
#include "canary_run.h"
#include "conf.h"
#include "kernel/kernel.h"

#define RESTART "systemctl restart interdictd"

static json_t *say(const struct way *way, const char *state, const char *means, const char *remedy,
		   const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static json_t *say(const struct way *way, const char *state, const char *means, const char *remedy,
		   const char *fmt, ...)
{
	char name[128], found[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(found, sizeof(found), fmt, args);
	va_end(args);
	snprintf(name, sizeof(name), "canary, %s", way->name);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "name", name, "hook",
			 hook_names[way->hook], "state", state, "found", found, "means", means,
			 "remedy", remedy);
}

static const char *words_of(int error)
{
	return error == CANARY_FAILED ? "it began, and failed" : strerror(error);
}

static bool is_for_want_of_signature(int error)
{
	return error == EPERM || error == EKEYREJECTED || error == ENOKEY || error == ENODATA ||
	       error == EBADMSG || error == ENOPKG;
}

/* Ours denied it: does its twin pass? */
static json_t *judge_control(const struct way *way, int allowed, const struct surroundings *s)
{
	if (allowed == way->control)
		return say(way, "ok", "", "", "denied on the hook %s, and its control was not",
			   hook_names[way->hook]);
	if (way->driver && s->signed_only && is_for_want_of_signature(allowed))
		return say(way, "ok", "", "",
			   "denied on the hook %s; its control was refused later, by the kernel, "
			   "which loads only signed drivers (%s)",
			   hook_names[way->hook], strerror(allowed));
	if (allowed == ENOENT)
		return say(way, "weak", "without its control a denial proves little",
			   "install interdict anew: " CANARY_ALLOW " and its script are part of it",
			   "denied, and its control is not installed");
	return say(way, "weak", "whoever refuses both may refuse everything",
		   peers_way_out(peers_suspect(&s->peers, allowed)),
		   "denied on the hook %s, and its control, which nothing lists, did not pass: %s",
		   hook_names[way->hook], words_of(allowed));
}

static json_t *judge_let_through(const struct way *way, int denied)
{
	char means[128];

	snprintf(means, sizeof(means), "here %s", way->what);
	return say(way, "missing", means, RESTART, "NOT denied on the hook %s%s%s",
		   hook_names[way->hook], denied > 0 ? ": only the kernel refused it later: " : "",
		   denied > 0 ? strerror(denied) : "");
}

static json_t *judge_other(const struct way *way, int denied, const struct surroundings *s)
{
	const char *suspect = peers_suspect(&s->peers, denied);

	if (s->noexec)
		return say(way, "weak", "this hook is not proved",
			   "mount -o remount,exec the file system of " LIBEXECDIR "/interdict",
			   "refused (%s) by its noexec mount, before interdict was asked",
			   strerror(denied));
	return say(way, "weak", "this hook is not proved: somebody else refuses first",
		   peers_way_out(suspect), "refused (%s), and not by interdict%s%s",
		   strerror(denied), suspect ? ": probably by " : "", suspect ? suspect : "");
}

/* What this machine has no need to deny. */
static json_t *judge_no_need(const struct way *way, int denied, const struct surroundings *s)
{
	if (way->hook == HOOK_EXEC_CHECK && denied == EINVAL)
		return say(way, "ok", "", "",
			   "not in this kernel, where nobody can ask (AT_EXECVE_CHECK: Linux "
			   "6.14)");
	if (way->driver && denied == ENOSYS)
		return say(way, "ok", "", "", "this kernel loads no drivers");
	if (way->driver && denied == EPERM && s->no_drivers)
		return say(way, "ok", "", "",
			   "no driver can be loaded any more: kernel.modules_disabled=1");
	return NULL;
}

static json_t *judge_not_tried(const struct way *way, const struct surroundings *s)
{
	if (!way->needs_kept)
		return NULL;
	if (!s->place.kept)
		return say(way, "weak",
			   "on such a file system this hook refuses what has a listed size, listed "
			   "or not: a canary proves nothing there",
			   "put " LIBEXECDIR "/interdict on ext4, xfs, btrfs or f2fs",
			   "not tried: the canary lies on %s%s", s->place.type,
			   s->place.on_a_file ? " in a file" : "");
	if (!s->mmap_denies)
		return say(way, "weak", "this hook goes by what the hook mmap has found out",
			   "mend what is said of the library first",
			   "not tried: the hook mmap did not deny");
	return NULL;
}

json_t *canary_proof_judge(const struct way *way, const struct tried *tried, bool counted,
			   const struct surroundings *s)
{
	json_t *said = tried ? NULL : judge_not_tried(way, s);

	if (!tried)
		return said;
	if (counted && tried->denied == EPERM)
		return judge_control(way, tried->allowed, s);
	said = judge_no_need(way, tried->denied, s);
	if (said)
		return said;
	if (tried->denied == ENOENT)
		return say(way, "weak", "this hook is not proved",
			   "install interdict anew: the canaries are part of it",
			   "%s or its interpreter is not there", way->deny);
	if (tried->denied <= 0 || tried->denied == way->control)
		return judge_let_through(way, tried->denied);
	if (way->driver && s->signed_only && is_for_want_of_signature(tried->denied))
		return judge_let_through(way, tried->denied);
	return judge_other(way, tried->denied, s);
}

json_t *canary_proof_no_answer(const struct way *way, int seconds)
{
	return say(way, "weak", "this hook is not proved",
		   "see who holds it up: a file system that hangs, or who is asked by fanotify",
		   "no answer within %d seconds", seconds);
}
