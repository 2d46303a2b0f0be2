/* SPDX-License-Identifier: GPL-2.0-only */
/* What a report says of the machine it is made on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "audit/ecs.h"
#include "cli/output.h"
#include "cli/reporting.h"
#include "cli/status.h"
#include "file.h"
#include "policy/policy_reader.h"

#define OS_RELEASE "/etc/os-release"

time_t report_now(void)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	uint64_t seconds;

	if (epoch && *epoch && policy_take_number(&seconds, epoch) && seconds < INT32_MAX * 64LL)
		return (time_t)seconds;
	return time(NULL);
}

/* The value of PRETTY_NAME= in os-release(5), without its quotes. */
static json_t *read_os(void)
{
	char *text, *line, *end;
	json_t *os = NULL;

	if (file_read_whole(OS_RELEASE, &text, NULL))
		return json_string("");
	line = strncmp(text, "PRETTY_NAME=", 12) ? strstr(text, "\nPRETTY_NAME=") : text;
	if (line) {
		line = strchr(line, '=') + 1;
		line[strcspn(line, "\n")] = 0;
		line += *line == '"' || *line == '\'';
		end = line + strlen(line);
		if (end > line && (end[-1] == '"' || end[-1] == '\''))
			end[-1] = 0;
		os = output_text(line);
	}
	free(text);
	return os ? os : json_string("");
}

json_t *report_host(void)
{
	json_t *host = ecs_host();
	struct utsname u;

	if (!host)
		return NULL;
	if (!json_object_get(host, "id"))
		json_object_set_new(host, "id", json_string(""));
	json_object_set_new(host, "os", read_os());
	if (!uname(&u)) {
		json_object_set_new(host, "kernel", output_text(u.release));
		json_object_set_new(host, "architecture", output_text(u.machine));
	}
	return host;
}

static json_t *read_status(const char *path, struct diag *d)
{
	char *text = NULL;
	size_t len;
	int err = file_read_whole(path, &text, &len);
	json_t *status;

	if (err) {
		file_complain(d, path, err);
		return NULL;
	}
	status =
		len <= REPORT_SIZE_MAX ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
	free(text);
	if (json_is_string(json_object_get(status, "enforcement")))
		return status;
	diag_error(d, path, 0, "is not what 'interdict status --json' prints");
	json_decref(status);
	return NULL;
}

json_t *report_status(const char *file, struct diag *d)
{
	struct status_files files;
	struct condition c;
	json_t *status;

	if (file)
		return read_status(file, d);
	condition_read(&c);
	status_files_read(&files, &c);
	status = status_json(&c, &files);
	status_files_free(&files);
	condition_free(&c);
	return status;
}
