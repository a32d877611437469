/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "build.h"
#include "common/msg.h"
#include "link.h"

int
link_send_hello(struct msg_conn *link)
{
	struct link_hello hello;

	memset(&hello, 0, sizeof(hello));
	strlcpy(hello.build, build_id, sizeof(hello.build));
	return msg_send(link, MSG_HELLO, 0, &hello, sizeof(hello), -1);
}

int
link_same_build(const struct msg *msg)
{
	struct link_hello hello;

	return msg_payload(msg, &hello, sizeof(hello)) == 0 &&
	    strncmp(hello.build, build_id, sizeof(hello.build)) == 0;
}
