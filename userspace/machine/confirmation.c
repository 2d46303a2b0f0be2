/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-id128.h>

#include "confirmation.h"
#include "file.h"

static const char *const stages[] = {
	[STAGE_POLICY] = "policy",
	[STAGE_BEFORE] = "before",
	[STAGE_MONITOR] = "monitor",
};

#define STAGES (sizeof(stages) / sizeof(stages[0]))

/* ---- the file -------------------------------------------------------------------------------- */

static bool read_stage(enum confirmation_stage *stage, const char *word)
{
	size_t i;

	for (i = 0; i < STAGES; i++) {
		if (strcmp(word, stages[i]) != 0)
			continue;
		*stage = i;
		return true;
	}
	return false;
}

/* A digest or a boot's id; "-" stands for none. */
static bool read_hex(char *to, const char *word, size_t len)
{
	*to = 0;
	if (!strcmp(word, "-"))
		return true;
	if (strlen(word) != len || strspn(word, "0123456789abcdef") != len)
		return false;
	strcpy(to, word);
	return true;
}

static bool parse(struct confirmation *c, const char *text)
{
	char stage[16], boot[64], tried[96], rejected[96];
	/* The last is not in the files of former versions. */
	int fields = sscanf(text,
			    "stage %15s boots %3u boot %63s tried %95s rejected %95s "
			    "confirmed %19" SCNu64,
			    stage, &c->unconfirmed, boot, tried, rejected, &c->confirmed);

	return fields >= 5 && read_stage(&c->stage, stage) &&
	       read_hex(c->boot, boot, sizeof(c->boot) - 1) &&
	       read_hex(c->tried, tried, sizeof(c->tried) - 1) &&
	       read_hex(c->rejected, rejected, sizeof(c->rejected) - 1);
}

void confirmation_read(struct confirmation *c, const char *path)
{
	char *text;

	memset(c, 0, sizeof(*c));
	if (file_read_whole(path, &text, NULL))
		return;
	if (!parse(c, text))
		memset(c, 0, sizeof(*c));
	free(text);
}

static const char *or_none(const char *word)
{
	return *word ? word : "-";
}

int confirmation_write(const struct confirmation *c, const char *path)
{
	char text[512];
	int len = snprintf(text, sizeof(text),
			   "stage %s\nboots %u\nboot %s\ntried %s\nrejected %s\n"
			   "confirmed %" PRIu64 "\n",
			   stages[c->stage], c->unconfirmed, or_none(c->boot), or_none(c->tried),
			   or_none(c->rejected), c->confirmed);

	return file_write(path, text, len, 0644);
}

/* ---- counting -------------------------------------------------------------------------------- */

static void set(char *to, const char *digest)
{
	snprintf(to, sizeof(((struct confirmation *)0)->tried), "%s", digest);
}

/* To the policy that was confirmed last, if that is another one; then to none that denies. */
static void fall(struct confirmation *c, const struct confirmation_images *images)
{
	bool before = c->stage == STAGE_POLICY && *images->confirmed &&
		      strcmp(images->confirmed, images->last) != 0;

	c->stage = before ? STAGE_BEFORE : STAGE_MONITOR;
	c->unconfirmed = 0;
	if (before)
		set(c->rejected, images->last);
	set(c->tried, before ? images->confirmed : images->last);
}

bool confirmation_begin(struct confirmation *c, const char *boot,
			const struct confirmation_images *images)
{
	bool fallen = false;

	if (!strcmp(c->boot, boot))
		return false;
	snprintf(c->boot, sizeof(c->boot), "%s", boot);
	set(c->tried, images->last);
	if (c->stage == STAGE_POLICY && images->last_confirmed) {
		c->unconfirmed = 0;
		return false;
	}
	if (c->unconfirmed >= CONFIRMATION_BOOTS && c->stage != STAGE_MONITOR) {
		fall(c, images);
		fallen = true;
	}
	if (c->unconfirmed <= CONFIRMATION_BOOTS)
		c->unconfirmed++;
	return fallen;
}

void confirmation_try(struct confirmation *c, const char *digest)
{
	if (!strcmp(c->tried, digest))
		return;
	set(c->tried, digest);
	c->stage = STAGE_POLICY;
	*c->rejected = 0;
	c->unconfirmed = 1;
}

bool confirmation_confirm(struct confirmation *c, const char *digest)
{
	c->unconfirmed = 0;
	return c->stage == STAGE_POLICY && *digest && !strcmp(c->tried, digest);
}

void confirmation_change(struct confirmation *c)
{
	c->stage = STAGE_POLICY;
	c->unconfirmed = 0;
	*c->tried = 0;
	*c->rejected = 0;
}

bool confirmation_refuses(const struct confirmation *c, const char *digest)
{
	return c->stage != STAGE_POLICY && *c->rejected && !strcmp(c->rejected, digest);
}

void confirmation_boot_id(char boot[33])
{
	sd_id128_t id = SD_ID128_NULL;

	sd_id128_get_boot(&id);
	sd_id128_to_string(id, boot);
}
