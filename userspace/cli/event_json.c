/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/event_formats.h"
#include "utf8.h"

static void put_code(FILE *out, uint32_t code)
{
	if (code >= 0x10000) {
		code -= 0x10000;
		fprintf(out, "\\u%04x\\u%04x", 0xd800 + (code >> 10), 0xdc00 + (code & 0x3ff));
	} else {
		fprintf(out, "\\u%04x", code);
	}
}

/* Outside of strings JSON is printable ASCII and white space, so what is escaped is in one. */
void event_json_row(FILE *out, const char *line, size_t len, bool ascii)
{
	size_t i, n, plain = 0;
	uint32_t code;

	for (i = 0; i < len; i += n) {
		n = utf8_decode(&code, line + i, len - i);
		if (!n) /* nothing that record_read() takes */
			n = 1;
		else if ((code >= 0x80 && ascii) || (code >= 0x20 && utf8_is_control(code))) {
			fwrite(line + plain, 1, i - plain, out);
			put_code(out, code);
			plain = i + n;
		}
	}
	fwrite(line + plain, 1, len - plain, out);
	putc_unlocked('\n', out);
}
