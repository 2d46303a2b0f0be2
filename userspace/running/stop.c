/* SPDX-License-Identifier: GPL-2.0-only */
#include <signal.h>

#include "stop.h"

#define NS_PER_S 1000000000ULL

static const struct {
	const char *code, *reason;
} answers[STOP_ANSWERS] = {
	[STOP_IT] = {"none", "a rule ends it"},
	[STOP_INIT] = {"init", "it is the first process"},
	[STOP_OWN] = {"own", "it is interdictd, or one that interdictd has begun"},
	[STOP_KERNEL] = {"kernel", "it is a thread of the kernel"},
	[STOP_NEEDED] = {"needed", "this machine needs its program"},
	[STOP_GONE] = {"gone", "it has ended by itself"},
	[STOP_LET_GO] = {"let_go", "it has the file no more"},
	[STOP_UNNAMED] = {"unnamed", "no rule names the file any more"},
	[STOP_EXCEPTED] = {"excepted", "an exception lets it"},
	[STOP_RECORDED] = {"recorded", "the rule only records"},
	[STOP_KEPT] = {"kept", "its vendor has no OnRunning=kill any more"},
	[STOP_UNLOADED] = {"unloaded", "nothing is enforced"},
	[STOP_MONITORED] = {"monitored", "this machine only monitors"},
	[STOP_DISABLED] = {"disabled", "enforcement is disabled for a while"},
};

/* Who it is. */
static enum stop_answer judge_process(const struct stop_facts *f)
{
	if (f->pid <= 1)
		return STOP_INIT;
	if (f->own)
		return STOP_OWN;
	if (f->kernel)
		return STOP_KERNEL;
	return f->needed ? STOP_NEEDED : STOP_IT;
}

/* What it has. */
static enum stop_answer judge_file(const struct stop_facts *f)
{
	if (!f->has_file)
		return STOP_LET_GO;
	if (!f->named)
		return STOP_UNNAMED;
	if (f->excepted)
		return STOP_EXCEPTED;
	if (!f->denies)
		return STOP_RECORDED;
	return f->kills ? STOP_IT : STOP_KEPT;
}

static enum stop_answer judge_machine(const struct stop_facts *f)
{
	if (!f->loaded)
		return STOP_UNLOADED;
	if (!f->enforces)
		return STOP_MONITORED;
	return f->disabled ? STOP_DISABLED : STOP_IT;
}

enum stop_answer stop_judge(const struct stop_facts *f)
{
	enum stop_answer answer = STOP_GONE;

	if (!f->gone)
		answer = judge_process(f);
	if (answer == STOP_IT)
		answer = judge_file(f);
	return answer == STOP_IT ? judge_machine(f) : answer;
}

bool stop_is_for_good(enum stop_answer answer)
{
	return answer == STOP_INIT || answer == STOP_OWN || answer == STOP_KERNEL ||
	       answer == STOP_NEEDED;
}

const char *stop_reason(enum stop_answer answer)
{
	return answers[answer].reason;
}

const char *stop_code(enum stop_answer answer)
{
	return answers[answer].code;
}

int stop_signal(enum stop_step step)
{
	if (step == STOP_FOUND)
		return SIGTERM;
	return step == STOP_TERMINATED ? SIGKILL : 0;
}

uint64_t stop_due(enum stop_step step, uint64_t since, uint32_t grace)
{
	return since + (step == STOP_FOUND ? grace : STOP_PATIENCE) * NS_PER_S;
}

void stop_take_verdict(struct stop_facts *f, const struct verdict *verdict, const struct rule *rule)
{
	f->named = rule && !(rule->flags & RULE_CANARY);
	f->excepted = f->named && verdict->allow;
	f->denies = f->named && verdict->deny && !verdict->allow;
	f->kills = f->denies && rule->flags & RULE_KILL;
}
