// SPDX-License-Identifier: GPL-2.0
/* Sockets that get addresses, and that end. */
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <net/sock.h>

#include "hooks.h"

union address_record {
	struct pf_address_event address;
	u8 bytes[sizeof(struct pf_address_event) + PF_ADDRESS_MOST];
};

static void describe(struct pf_view *view, const struct socket *sock)
{
	pf_view_of(view, current);
	/* Without a sock it failed to be made, or to be accepted. */
	view->args[0] = sock->sk ? sock->sk->sk_family : AF_UNSPEC;
	view->args[1] = sock->type;
	view->args[2] = sock->sk ? sock->sk->sk_protocol : 0;
}

void pf_on_address(enum pf_kind kind, struct socket *sock, const struct sockaddr *address,
		   int length)
{
	union address_record record;
	struct pf_address_event *e = &record.address;

	memset(e, 0, sizeof(*e));
	describe(&e->event.view, sock);
	e->event.view.args[3] = length;
	e->event.view.args[4] = SOCK_INODE(sock)->i_ino;
	if (length >= (int)sizeof(address->sa_family))
		e->event.view.args[5] = address->sa_family;
	e->address_bytes = clamp(length, 0, PF_ADDRESS_MOST);
	if (e->address_bytes != length)
		e->event.head.flags |= PF_TRUNCATED;
	memcpy(e->data, address, e->address_bytes);
	pf_tell(kind, &e->event, sizeof(*e) + e->address_bytes);
}

void pf_on_release(struct inode *inode)
{
	struct pf_event event = {};

	describe(&event.view, SOCKET_I(inode));
	event.view.args[3] = inode->i_ino;
	pf_tell(PF_RELEASE, &event, sizeof(event));
}
