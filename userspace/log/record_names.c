/* SPDX-License-Identifier: GPL-2.0-only */
#include "record.h"

static const char *const names[RECORD_FIELDS] = {
	[RECORD_TIME] = "@timestamp",
	[RECORD_CATEGORY] = "event.category",
	[RECORD_TYPE] = "event.type",
	[RECORD_ACTION] = "event.action",
	[RECORD_CODE] = "event.code",
	[RECORD_REASON] = "event.reason",
	[RECORD_DATASET] = "event.dataset",
	[RECORD_ID] = "event.id",
	[RECORD_SEQUENCE] = "event.sequence",
	[RECORD_RULE] = "rule.id",
	[RECORD_RULESET] = "rule.ruleset",
	[RECORD_RULE_VERSION] = "rule.version",
	[RECORD_HOST] = "host.hostname",
	[RECORD_USER] = "user.id",
	[RECORD_USER_NAME] = "user.name",
	[RECORD_LOGIN_USER] = "user.audit.id",
	[RECORD_PROCESS] = "process.pid",
	[RECORD_PROCESS_NAME] = "process.name",
	[RECORD_EXECUTABLE] = "process.executable",
	[RECORD_PARENT] = "process.parent.pid",
	[RECORD_PARENT_NAME] = "process.parent.name",
	[RECORD_PATH] = "file.path",
	[RECORD_INODE] = "file.inode",
	[RECORD_DEVICE] = "file.device",
	[RECORD_SIZE] = "file.size",
	[RECORD_SHA256] = "file.hash.sha256",
	[RECORD_PACKAGE] = "package.name",
	[RECORD_PACKAGE_VERSION] = "package.version",
	[RECORD_CONTAINER] = "container.id",
	[RECORD_VENDOR] = "interdict.vendor",
	[RECORD_MODE] = "interdict.mode",
	[RECORD_GENERATION] = "interdict.generation",
	[RECORD_FROM] = "interdict.from",
	[RECORD_UNTIL] = "interdict.until",
	[RECORD_WHY] = "interdict.reason",
	[RECORD_DRIVER] = "interdict.driver.name",
	[RECORD_REPEATS] = "interdict.repeated.count",
	[RECORD_REPEATS_FIRST] = "interdict.repeated.first",
	[RECORD_REPEATS_LAST] = "interdict.repeated.last",
	[RECORD_ENFORCING] = "interdict.enforcing",
	[RECORD_WHY_NOT] = "interdict.why_not",
	[RECORD_CANARY_DENIED] = "interdict.canary.denied",
	[RECORD_POLICY_GENERATION] = "interdict.policy.generation",
	[RECORD_CHECKPOINT] = "interdict.checkpoint.number",
};

const char *record_name(enum record_field field)
{
	return names[field];
}
