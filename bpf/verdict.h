/* SPDX-License-Identifier: GPL-2.0-only */
/* From an identity to what is done: the verdict, the machine's ceiling, and the counts. */
#ifndef INTERDICT_BPF_VERDICT_H
#define INTERDICT_BPF_VERDICT_H

#include "evaluate.h"

/*
 * What a decision is about, in one number, so that no stack is needed for it: the hook, and what
 * the names of the file are worth.
 *
 *	bits 0 to 23   the rule that names it by its path, 0: none
 *	bits 24, 25    that rule's strength
 *	bit 26         nothing is decided: it may become executable, and can be read now
 *	bits 32 to 39  the hook
 */
#define SUBJECT_NAMES		  0x3ffffffu
#define SUBJECT_LOOKS		  (1u << 26)
#define SUBJECT(hook)		  ((__u64)(hook) << 32)
#define SUBJECT_NAME(n)		  ((n).rule | (__u64)(n).strength << 24)
#define SUBJECT_RULE(subject)	  ((__u32)(subject)&IMAGE_RULES_MAX)
#define SUBJECT_STRENGTH(subject) ((__u32)(subject) >> 24 & 3)
#define SUBJECT_HOOK(subject)	  ((subject) >> 32 & 0xff)

/* What a file was asked for, KIND_BITs, and why it could not tell, a negative errno or 0; in one.
 */
#define ASKED(want, error) ((__u64)(want) << 32 | (__u32)(error))
#define ASKED_WANT(asked)  ((asked) >> 32)
#define ASKED_ERROR(asked) ((__s32)(asked))

/* The same number, and no verifier knows which: what comes after is followed once for all. */
static __always_inline __u64 blur(__u64 number)
{
	__u64 a = bpf_jiffies64(), b = a;

	asm volatile("" : "+r"(b));
	return number ^ a ^ b;
}

/* What a hook found, on its way to becoming an event. */
struct finding {
	struct verdict verdict;
	__u32 name;	/* the rule that names it by its path, 0: none */
	__s32 error;	/* why there is no identity, or 0 */
	__u16 flags;	/* EVENT_* */
	__u8 hook;	/* enum hook */
	__u8 reason;	/* enum reason */
	__u32 strength; /* of that rule */
	__u16 want;	/* KIND_BIT of what it was asked for */
	__u16 noted;	/* 1: on record, though nothing names it and nothing denies it. No padding
			 * is left behind: 6.1 refuses to copy what nobody has written */
};

static __always_inline struct finding begin_finding(__u64 subject)
{
	return (struct finding){.hook = SUBJECT_HOOK(subject),
				.name = SUBJECT_RULE(subject),
				.strength = SUBJECT_STRENGTH(subject)};
}

/* The canary proves that hooks deny: it is denied whatever the machine's ceiling. */
static __always_inline int is_canary(image_t *image, const struct image_header *header, __u32 rule)
{
	const struct rule_head *head = rule ? image_rule_line(image, header, rule, 0) : NULL;

	return head && head->flags & RULE_CANARY;
}

/* The usual answer, given without a loop or a clock: nothing names what it is. */
static __always_inline int is_unlisted(image_t *image, const struct image_header *header,
				       const struct identity *identity)
{
	if (!identity)
		return 0;
	if (!identity->count)
		return 1;
	return identity->count == 1 && !image_find(image, header, &identity->fingerprints[0]);
}

/* The time by which rules begin and end: it never goes back. Two who raise it at once may leave the
 * lower; both have been. */
static __always_inline __u64 time_of_rules(void)
{
	struct control *machine = only_element(&control);
	__u64 now = bpf_ktime_get_tai_ns();

	if (!machine)
		return now;
	if (now > machine->clock)
		machine->clock = now;
	return now > machine->clock ? now : machine->clock;
}

/* The verdict on a file in whose content there is nothing that a rule names. */
static __always_inline void find_by_name(struct finding *finding)
{
	verdict_add_name(&finding->verdict, finding->name, finding->strength);
	finding->reason = REASON_RULE;
}

/* The verdict on a file that a rule may name, and nobody can tell. */
static __always_inline void find_unknown(image_t *image, struct finding *finding)
{
	int strength = image_unknown_strength(image, finding->want, time_of_rules());

	/* Its name may still be listed. */
	if (strength != STRENGTH_DENY && finding->name) {
		find_by_name(finding);
		return;
	}
	finding->verdict.deny = strength == STRENGTH_DENY;
	finding->noted = strength != STRENGTH_NONE;
	finding->reason = finding->error ? REASON_UNREADABLE : REASON_UNIDENTIFIED;
}

/* The verdict on a file whose identity is known, or that could not be identified; and on its
 * names. */
static __always_inline void find(image_t *image, const struct image_header *header,
				 const struct identity *identity, struct finding *finding)
{
	if (identity) {
		finding->verdict = evaluate(image, header, identity, time_of_rules());
		verdict_add_name(&finding->verdict, finding->name, finding->strength);
		finding->reason = REASON_RULE;
		return;
	}
	find_unknown(image, finding);
}

/*
 * Why this machine does not refuse now what a rule denies: EVENT_*, or 0. Not static: it is proven
 * once.
 */
__noinline int leniency(void)
{
	struct control *machine = only_element(&control);

	if (!machine)
		return 0;
	if (machine->ceiling == MODE_MONITOR)
		return EVENT_CEILING;
	if (machine->disabled_until && bpf_ktime_get_boot_ns() < machine->disabled_until)
		return EVENT_DISABLED;
	return 0;
}

/*
 * Weigh a verdict against the machine's leniency and count it. Return: 1 when it is to be reported.
 */
static __always_inline int settle(image_t *image, const struct image_header *header,
				  struct finding *finding, struct counters *count)
{
	struct control *machine = only_element(&control);
	__u64 hook = blur(finding->hook);
	__u32 lenient;

	if (!machine)
		return 0;
	if (!finding->verdict.rule && !finding->verdict.deny && !finding->noted)
		return 0;
	if (finding->verdict.allow)
		return 0;
	lenient = finding->verdict.deny ? leniency() : 0;
	if (lenient && !is_canary(image, header, finding->verdict.rule)) {
		finding->verdict.deny = 0;
		finding->flags |= lenient;
	}
	if (hook >= HOOKS || (machine->standby && !finding->verdict.deny))
		return 0;
	if (finding->verdict.deny) {
		finding->flags |= EVENT_DENIED;
		__sync_fetch_and_add(&count->denied[hook], 1);
	} else {
		__sync_fetch_and_add(&count->monitored[hook], 1);
	}
	return 1;
}

/*
 * What a hook answers: -EPERM for what is refused, or 0. 6.12 wants to see that it is no other
 * number, and forgets what it knew of one that was kept on the stack. A compiler that knows as much
 * would leave the choice out: hence the barrier.
 */
static __always_inline int answer_with(int refused)
{
	asm volatile("" : "+r"(refused));
	return refused ? -EPERM : 0;
}

#endif
