/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "common/ctl.h"
#include "common/msg.h"
#include "config.h"
#include "refuse.h"

void
refuse_client(int fd, const char *why)
{
	struct msg_conn conn;
	struct ctl_end end;

	memset(&end, 0, sizeof(end));
	end.failed = 1;
	strlcpy(end.text, why, sizeof(end.text));
	msg_init(&conn, fd, MSG_HEADER + sizeof(end), 0);
	if (msg_put(&conn, MSG_CTL_END, 0, &end, sizeof(end), -1) == 0)
		msg_write(&conn);
	msg_close(&conn);
}
