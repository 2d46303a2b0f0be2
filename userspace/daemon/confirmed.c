/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/change.h"
#include "clock.h"
#include "conf.h"
#include "confirmed.h"
#include "daemon.h"
#include "file.h"
#include "generation.h"
#include "keyring.h"

/* This start is the first of a boot that is counted. */
static bool begun;

static void write_down(const struct confirmation *c)
{
	int err = confirmation_write(c, BOOTS_FILE);

	if (err)
		fprintf(stderr,
			"interdictd: " BOOTS_FILE
			": cannot be written: %s: boots are not counted\n",
			strerror(-err));
}

/* The digest of an image's file, as text; "": there is none. */
static void digest_of(char text[2 * FINGERPRINT_LEN + 1], const struct image_header *h)
{
	*text = 0;
	if (h->magic)
		digest_format(text, h->digest);
}

/* ---- a boot begins ----------------------------------------------------------------------------
 */

/* Whether a rule has begun to deny that only recorded when the image was confirmed. */
static bool rule_has_begun(image_t *image, uint64_t confirmed)
{
	const struct image_header *h = image_header(image);
	uint64_t now = clock_ns(CLOCK_REALTIME);
	const struct rule *r;
	uint32_t i;

	for (i = 1; i < h->rule_count; i++) {
		r = image_rule(image, i);
		if (r->effect == RULE_DENY && r->from > confirmed && r->from <= now)
			return true;
	}
	return false;
}

/* Former versions have not written it down: then the file got that name not later than its inode
 * has changed last. */
static uint64_t time_of_confirmation(const struct confirmation *c)
{
	struct stat st;

	if (c->confirmed)
		return c->confirmed;
	return stat(CONFIRMED_FILE, &st) ? 0 : st.st_ctim.tv_sec * 1000000000ULL;
}

static bool is_still_confirmed(const struct confirmation *c)
{
	struct image image = {};
	bool is = !image_map(&image, CONFIRMED_FILE) &&
		  !rule_has_begun(&image, time_of_confirmation(c));

	image_free(&image);
	return is;
}

/* What denies nothing keeps nobody from booting. */
static bool needs_no_confirmation(const struct confirmation *c, const struct image_header *last,
				  const struct image_header *confirmed)
{
	if (last->magic && !last->denies)
		return true;
	return last->magic && confirmed->magic &&
	       !memcmp(last->digest, confirmed->digest, sizeof(last->digest)) &&
	       is_still_confirmed(c);
}

/* The image that was confirmed is a new generation: its number only grows. */
static int put_back(struct diag *d)
{
	struct image_header none = {};
	struct image image = {};
	int err = image_map(&image, CONFIRMED_FILE);

	if (!err && mprotect(image.base, image.len, PROT_READ | PROT_WRITE))
		err = -errno;
	if (!err)
		err = image_set_generation(&image, generation_next(&none),
					   clock_ns(CLOCK_REALTIME));
	if (!err)
		err = generation_remember(&image, d);
	if (!err)
		err = generation_settle(d);
	if (!err)
		keyring_put_back();
	image_free(&image);
	return err;
}

static void say_fallen(const struct confirmation *c, struct diag *d)
{
	diag_warning(
		d, NULL, 0,
		"%d boots in succession have not reached their target: %s, until the policy is "
		"changed: interdict push, reload or rollback",
		CONFIRMATION_BOOTS,
		c->stage == STAGE_BEFORE ? "the policy before is in force"
					 : "what the policy denies is only recorded");
}

void confirmed_begin(struct fallen *fallen, struct diag *d)
{
	char last_text[2 * FINGERPRINT_LEN + 1], confirmed_text[2 * FINGERPRINT_LEN + 1], boot[33];
	struct image_header last, confirmed;
	struct confirmation c;

	*fallen = (struct fallen){};
	begun = true;
	image_read_header(&last, IMAGE_FILE);
	image_read_header(&confirmed, CONFIRMED_FILE);
	digest_of(last_text, &last);
	digest_of(confirmed_text, &confirmed);
	confirmation_boot_id(boot);
	confirmation_read(&c, BOOTS_FILE);
	if (confirmation_begin(
		    &c, boot,
		    &(struct confirmation_images){
			    .last = last_text,
			    .confirmed = confirmed_text,
			    .last_confirmed = needs_no_confirmation(&c, &last, &confirmed),
		    })) {
		if (c.stage == STAGE_BEFORE && put_back(d))
			c.stage = STAGE_MONITOR;
		fallen->stage = c.stage;
		fallen->before = last;
		say_fallen(&c, d);
	}
	write_down(&c);
}

void confirmed_record(struct daemon *daemon, const struct fallen *fallen)
{
	if (fallen->stage == STAGE_POLICY)
		return;
	events_change(
		daemon->events,
		&(struct change){.action = CHANGE_FALL_BACK,
				 .before = &fallen->before,
				 .after = &daemon->applied.header,
				 .reason = fallen->stage == STAGE_BEFORE
						   ? "the policy before is in force"
						   : "what the policy denies is only recorded"});
}

/* ---- the policy files -------------------------------------------------------------------------
 */

bool confirmed_refuses(image_t *image)
{
	char text[2 * FINGERPRINT_LEN + 1];
	struct confirmation c;

	confirmation_read(&c, BOOTS_FILE);
	digest_of(text, image_header(image));
	return confirmation_refuses(&c, text);
}

/* What comes later than the boot's first start has not been in it from the beginning. */
void confirmed_try(image_t *image)
{
	char text[2 * FINGERPRINT_LEN + 1];
	struct confirmation c;

	if (!begun) {
		confirmed_change();
		return;
	}
	confirmation_read(&c, BOOTS_FILE);
	digest_of(text, image_header(image));
	if (!strcmp(c.tried, text))
		return;
	confirmation_try(&c, text);
	write_down(&c);
}

void confirmed_change(void)
{
	struct confirmation c;

	confirmation_read(&c, BOOTS_FILE);
	if (c.stage == STAGE_POLICY && !*c.tried && !c.unconfirmed)
		return;
	confirmation_change(&c);
	write_down(&c);
}

bool confirmed_is_monitor(void)
{
	struct confirmation c;

	confirmation_read(&c, BOOTS_FILE);
	return c.stage == STAGE_MONITOR;
}

/* ---- and has reached its target ---------------------------------------------------------------
 */

/* What was only recorded meanwhile has shown nothing. */
static bool was_enforced(void)
{
	struct kernel_state state;

	return !kernel_read_state(&state) && state.loaded &&
	       state.control.ceiling == MODE_ENFORCE && !state.control.disabled_until;
}

/* A second name of the image in force: that file is replaced, never written to. */
static int keep_image(const struct image_header *h)
{
	struct image_header last;
	int err;

	if (!image_read_header(&last, IMAGE_FILE) ||
	    memcmp(last.digest, h->digest, sizeof(h->digest)))
		return -ESTALE;
	err = file_link(IMAGE_FILE, CONFIRMED_FILE);
	if (!err)
		keyring_confirm();
	return err;
}

bool confirmed_confirm(struct daemon *daemon)
{
	const struct image_header *h = &daemon->applied.header;
	char text[2 * FINGERPRINT_LEN + 1];
	struct image_header confirmed;
	struct confirmation c;
	bool in_force, anew;

	confirmation_read(&c, BOOTS_FILE);
	digest_of(text, h);
	in_force = confirmation_confirm(&c, text) && was_enforced();
	image_read_header(&confirmed, CONFIRMED_FILE);
	anew = in_force && memcmp(confirmed.digest, h->digest, sizeof(h->digest));
	/* Also one that was: what has begun to deny since then has not kept this boot. */
	if (in_force && keep_image(h))
		anew = false;
	else if (in_force)
		c.confirmed = clock_ns(CLOCK_REALTIME);
	write_down(&c);
	return anew;
}
