/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "common/cold.h"
#include "pfsync.h"
#include "pfsync_layout.h"

static const char *const verdict_names[PFSYNC_VERDICTS] = {
	[PFSYNC_DECODED] = "decoded",
	[PFSYNC_SHORT] = "short",
	[PFSYNC_VERSION] = "version",
	[PFSYNC_COUNT] = "count",
	[PFSYNC_LENGTH] = "length",
	[PFSYNC_FRAGMENT] = "fragment",
	[PFSYNC_FOREIGN] = "not pfsync",
	[PFSYNC_ACTION] = "other",
	[PFSYNC_CLR] = "clear",
};

const char *
pfsync_verdict_name(enum pfsync_verdict v)
{
	return verdict_names[v];
}

static int
is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

/*
 * In a CLR of all states, and behind the NUL of a name, the kernel leaves old
 * bytes of its buffer.  A name that has no NUL, or that no interface can have,
 * is therefore read as empty.
 */
static void
read_clr_name(char name[FLOW_IFNAME], const uint8_t *at)
{
	size_t i;

	name[0] = '\0';
	for (i = 0; i < FLOW_IFNAME && at[i] != '\0'; i++)
		if (!is_alnum(at[i]) && memchr("._:-", at[i], 4) == NULL)
			return;
	if (i < 2 || i == FLOW_IFNAME || !is_alnum(at[0]) ||
	    (at[0] >= '0' && at[0] <= '9'))
		return;
	memcpy(name, at, i + 1);
}

COLD static enum pfsync_verdict
open_clr(struct pfsync_frame *f, struct bytes b)
{
	const uint8_t *clr = bytes_take(&b, CLR_SIZE);

	if (clr != NULL) {
		read_clr_name(f->clr_ifname, clr);
		f->clr_creator = get_be32(clr + CLR_CREATOR);
	}
	return PFSYNC_CLR;
}

/* If a frame is too short for its count, its whole records are still read. */
static enum pfsync_verdict
open_states(struct pfsync_frame *f, struct bytes b, unsigned int count)
{
	size_t record = f->layout->record;
	size_t whole = b.left / record;

	if (count == 0)
		return PFSYNC_COUNT;
	if (whole > count)
		whole = count;
	f->announced = count;
	f->states_left = (unsigned int)whole;
	f->cut = count - f->states_left;
	f->states = b;
	f->trailing = f->cut > 0 ? 0 : b.left - whole * record;
	return PFSYNC_DECODED;
}

/* Open a message without the headers of other layers. */
ALWAYS_INLINE static enum pfsync_verdict
open_message(struct pfsync_frame *f, struct bytes b)
{
	const uint8_t *header;

	if (b.left < HEADER_V2)
		return PFSYNC_SHORT;
	f->version = b.data[HEADER_VERSION];
	if ((f->layout = pfsync_layout(f->version)) == NULL)
		return PFSYNC_VERSION;
	header = bytes_take(&b, f->layout->header);
	if (header == NULL)
		return PFSYNC_SHORT;
	if (header[HEADER_ACTION] == ACTION_CLR)
		return open_clr(f, b);
	if (header[HEADER_ACTION] != ACTION_DEL)
		return PFSYNC_ACTION;
	return open_states(f, b, header[HEADER_COUNT]);
}

COLD static enum pfsync_verdict
open_packet(struct pfsync_frame *f, enum link_layer layer, struct bytes b)
{
	enum pfsync_verdict verdict = link_layer_strip(layer, &b);

	return verdict == PFSYNC_DECODED ? open_message(f, b) : verdict;
}

/* An IP header begins with another byte than pfsync's. */
enum pfsync_verdict
pfsync_open(struct pfsync_frame *f, enum link_layer layer, const uint8_t *data,
    size_t len)
{
	const struct bytes b = { data, len };

	memset(f, 0, sizeof(*f));
	if (layer == LINK_PFSYNC && len > 0 && data[0] < 0x40)
		return open_message(f, b);
	return open_packet(f, layer, b);
}

unsigned int
pfsync_read(struct pfsync_frame *f, struct flow *flows, unsigned int n)
{
	const uint8_t *records;

	if (n > f->states_left)
		n = f->states_left;
	if (n == 0)
		return 0;
	records = bytes_take(&f->states, n * f->layout->record);
	if (records == NULL)
		return f->states_left = 0;
	pfsync_states(f->layout, records, flows, n);
	f->states_left -= n;
	return n;
}

const char *
pfsync_undecodable(unsigned int version)
{
	switch (version) {
	case 1:
		return "pfsync version 1 (OpenBSD 3.3 and 3.4) cannot be "
		       "decoded: its layout differs from kernel to kernel";
	case 5:
		return "pfsync version 5 (FreeBSD 9 and later, OpenBSD 4.5) "
		       "sends deletions without counters: nothing can be "
		       "exported (use source table there)";
	case 6:
		return "pfsync version 6 (OpenBSD 4.9 and later) sends "
		       "deletions without counters: nothing can be exported "
		       "(use source table there)";
	}
	return NULL;
}
