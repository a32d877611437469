/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The export protocols by name, and what the configuration must know of each.
 * How a protocol is encoded is in protocol.h.
 */

#ifndef PROTOCOL_ID_H
#define PROTOCOL_ID_H

/*
 * PROTOCOL(ID, name, domain, biflow): the name is that of the configuration and
 * of its struct protocol; it has an observation domain and templates, not an
 * engine id; it can encode both directions of a state in one record.
 */
#define PROTOCOL_LIST(PROTOCOL)            \
	PROTOCOL(NETFLOW5, netflow5, 0, 0) \
	PROTOCOL(NETFLOW9, netflow9, 1, 0) \
	PROTOCOL(IPFIX, ipfix, 1, 1)

enum protocol_id {
#define PROTOCOL_ID(ID, name, domain, biflow) PROTOCOL_##ID,
	PROTOCOL_LIST(PROTOCOL_ID)
#undef PROTOCOL_ID
	PROTOCOLS
};

struct protocol_facts {
	const char *name;
	int domain;
	int biflow;
};

/* By enum protocol_id. */
extern const struct protocol_facts protocol_facts[PROTOCOLS];

/* Find a protocol by name.  PROTOCOLS: there is none. */
enum protocol_id protocol_id(const char *name);

/* All names, separated by commas, for a message. */
const char *protocol_names(void);

#endif
