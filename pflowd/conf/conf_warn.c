/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Warnings of a sound configuration that does not do what it seems to.
 */

#include "common/log.h"
#include "conf.h"

/* Of the first rule with `out`; empty if there is none. */
static const char *
out_place(const struct conf *conf)
{
	return conf->out_place[0] != '\0' ? conf->out_place :
					    conf->out_place_collectors;
}

void
conf_warn(const struct conf *conf, int table)
{
	const char *out = out_place(conf);

	if (out[0] != '\0' && conf_join(conf, table))
		log_warnx(
		    "%srule with \"out\" decides single states only: with "
		    "join, a forwarded connection is decided by its in-state; "
		    "unless that is meant, remove it, or set \"join no\"",
		    out);
	if (conf->interim > 0 && !table)
		log_warnx("interim %u has no effect: pfsync announces states "
			  "at their end only",
		    conf->interim);
}

void
conf_settle(const struct conf *conf)
{
	const char *out = out_place(conf);

	if (out[0] != '\0')
		log_settled("%s", out);
}

void
conf_warn_self(const struct conf *conf)
{
	int uses = rule_uses_self(&conf->filter);
	unsigned int i;

	for (i = 0; i < conf->ncollectors; i++)
		uses |= rule_uses_self(&conf->filters[i]);
	if (uses)
		log_warnx(
		    "self matches nothing in a replay: list the addresses "
		    "instead");
}
