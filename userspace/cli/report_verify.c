/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict report --verify: whether a report is as it was signed, and shows what was signed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "cli/reporting.h"
#include "cli/trusted.h"
#include "report/node.h"

/* The document in a page is signed; the page is what it comes to, byte for byte. */
static int check_page(json_t *model, const char *page, size_t len, const char *path, struct diag *d)
{
	char *drawn = NULL;
	size_t drawn_len = 0;
	FILE *out = open_memstream(&drawn, &drawn_len);
	int err = 0;

	if (!out)
		return -ENOMEM;
	report_html(out, model);
	fclose(out);
	if (drawn_len != len || memcmp(drawn, page, len) != 0)
		err = -EBADMSG;
	free(drawn);
	if (!err)
		return 0;
	if (strcmp(node_text(model, "generator.version"), VERSION) != 0)
		diag_error(d, path, 0,
			   "was drawn by interdict %s: this one cannot tell whether the page shows "
			   "what is signed: draw it anew: report --from",
			   node_text(model, "generator.version"));
	else
		diag_error(d, path, 0,
			   "the page does not show what is signed: it was changed: draw it anew: "
			   "report --from");
	return err;
}

static int status_of(int err, const struct trust *trust)
{
	if (!err)
		return trust->keys.n ? EXIT_YES : EXIT_INCOMPLETE;
	if (err == -EBADMSG || err == -ENODATA || err == -ENOKEY || err == -EKEYREJECTED)
		return EXIT_NO;
	return EXIT_FAILED;
}

static void say(const struct report_options *o, json_t *model, const char *by, int status)
{
	const char *host = node_text(model, "host.hostname");

	if (o->format) {
		output_json(json_pack(
			"{s:b, s:s, s:s, s:s, s:s?, s:s?}", "verified", (int)(status == EXIT_YES),
			"schema", node_text(model, "schema"), "host", host, "generated",
			node_text(model, "generated"), "key",
			json_string_value(node_at(model, "signature.key")), "trusted_key", by));
		return;
	}
	if (status != EXIT_YES && status != EXIT_INCOMPLETE)
		return;
	printf("report of ");
	cli_print_escaped(*host ? host : "a fleet");
	printf(" of ");
	cli_print_escaped(node_text(model, "generated"));
	printf(", signed by sha256:%.12s", node_text(model, "signature.key"));
	if (by) {
		printf(", trusted: ");
		cli_print_escaped(by);
	}
	putchar('\n');
}

static int check(json_t *model, const char *page, size_t len, const struct trust *trust,
		 const struct certificate **by, const char *path, struct diag *d)
{
	int err = report_verify(model, path, trust, by, d);

	if (!err && !trust->keys.n)
		diag_warning(d, path, 0,
			     "is as it was signed, and nothing says whether its signer may be "
			     "trusted: --trusted-key FILE");
	return !err && page ? check_page(model, page, len, path, d) : err;
}

int report_verify_main(const struct report_options *o)
{
	const struct certificate *by = NULL;
	struct trust trust = {};
	struct diag d = {};
	json_t *model = NULL;
	char *page = NULL;
	size_t len = 0;
	int err = trusted_read(&trust, o->trusted, o->trusted_count, &d), status = EXIT_FAILED;

	if (!err) {
		err = report_load(&model, &page, &len, o->verify, &d);
		if (!err)
			err = check(model, page, len, &trust, &by, o->verify, &d);
		status = status_of(err, &trust);
		say(o, model, by ? by->file : NULL, status);
	}
	diag_print(&d, PROGRAM);
	diag_free(&d);
	json_decref(model);
	free(page);
	trust_free(&trust);
	return status;
}
