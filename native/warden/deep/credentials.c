// SPDX-License-Identifier: Apache-2.0
#include "credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_ROOM 8192u

static const char *field(const char *status, const char *name)
{
	const char *at = strstr(status, name);

	return at ? at + strlen(name) : NULL;
}

/* The last of real, effective, saved and of the filesystem; *one becomes false where they differ. */
static int fourth(const char *at, unsigned long *out, bool *one)
{
	char *end;

	for (int i = 0; at && i < 4; i++, at = end) {
		unsigned long id = strtoul(at, &end, 10);

		if (end == at)
			return -EINVAL;
		*one = *one && (i == 0 || id == *out);
		*out = id;
	}
	return at ? 0 : -EINVAL;
}

static int parse(const char *status, struct credentials *out)
{
	const char *groups = field(status, "\nGroups:"), *caps = field(status, "\nCapEff:");
	const char *permitted = field(status, "\nCapPrm:"), *mask = field(status, "\nUmask:");
	size_t n = groups ? strcspn(groups, "\n") : 0;

	if (!groups || !caps || !permitted || !mask || n >= sizeof(out->groups))
		return -EINVAL;
	memcpy(out->groups, groups, n);
	out->groups[n] = '\0';
	out->capabilities = strtoull(caps, NULL, 16);
	out->permitted = strtoull(permitted, NULL, 16);
	out->umask = (mode_t)strtoul(mask, NULL, 8);
	out->one_id = true;
	if (fourth(field(status, "\nUid:"), &out->fsuid, &out->one_id))
		return -EINVAL;
	return fourth(field(status, "\nGid:"), &out->fsgid, &out->one_id);
}

int credentials_read(const char *path, struct credentials *out)
{
	char status[STATUS_ROOM];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	n = read(fd, status, sizeof(status) - 1);
	close(fd);
	if (n < 0)
		return -errno;
	status[n] = '\0';
	return parse(status, out);
}

/* They never change: what is lent comes back before we are asked. */
const struct credentials *credentials_ours(void)
{
	static struct credentials ours;
	static bool known;

	known = known || !credentials_read("/proc/self/status", &ours);
	return known ? &ours : NULL;
}

bool credentials_agree(const struct credentials *its, const struct credentials *ours)
{
	return its->fsuid == ours->fsuid && its->fsgid == ours->fsgid &&
	       !strcmp(its->groups, ours->groups);
}
