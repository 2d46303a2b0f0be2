/* SPDX-License-Identifier: GPL-2.0-only */
/* The record of the last scan. Where it says less than it should, nothing is concluded from it. */
#include <errno.h>
#include <stdlib.h>

#include "file.h"
#include "report/parts.h"

#define COUNT_MAX (1LL << 32)

static const char *check(json_t *scan)
{
	if (!json_is_object(scan))
		return "is no record of a scan";
	if (node_parse_time(node_text(scan, "time")) <= 0)
		return "does not say when it was: \"time\"";
	if (!node_size(scan, "methods"))
		return "does not say by which method: \"methods\"";
	if (!json_is_array(node_at(scan, "filesystems.read")))
		return "does not say what was read: \"filesystems\"";
	if (!json_is_array(node_at(scan, "findings")))
		return "has no \"findings\": an empty array says that there are none";
	if (!json_is_boolean(node_at(scan, "complete")))
		return "does not say whether it is \"complete\"";
	return NULL;
}

/* Of what another machine wrote, too. */
static json_int_t count_at(json_t *object, const char *name)
{
	json_int_t n = node_number(object, name);

	return n < 0 ? 0 : n < COUNT_MAX ? n : COUNT_MAX;
}

json_int_t report_scan_found(json_t *scan)
{
	json_int_t n = (json_int_t)node_size(scan, "findings") + count_at(scan, "findings_more");
	json_t *finding;
	size_t i;

	json_array_foreach(node_at(scan, "findings"), i, finding)
	{
		n += count_at(finding, "names_more");
	}
	return n;
}

int report_read_scan(json_t **scan, const char *path, struct diag *d)
{
	const char *wrong;
	char *text = NULL;
	size_t len;
	int err = file_read_whole(path, &text, &len);

	*scan = NULL;
	if (err == -ENOENT)
		return err;
	if (err) {
		file_complain(d, path, err);
		return err;
	}
	*scan = len <= REPORT_SIZE_MAX ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
	free(text);
	wrong = check(*scan);
	if (!wrong)
		return 0;
	diag_warning(d, path, 0, "%s: it is not taken for a scan", wrong);
	json_decref(*scan);
	*scan = NULL;
	return -EBADMSG;
}
