// SPDX-License-Identifier: GPL-2.0-only
#include "filesystems.h"

#include <stddef.h>
#include <string.h>

static const char *const pseudo[] = {
	"autofs",     "binfmt_misc", "bpf",	   "cgroup",   "cgroup2", "configfs",
	"debugfs",    "devpts",	     "efivarfs",   "fusectl",  "mqueue",  "nfsd",
	"nsfs",	      "pipefs",	     "proc",	   "pstore",   "resctrl", "rpc_pipefs",
	"securityfs", "selinuxfs",   "smackfs",	   "sockfs",   "sysfs",	  "tracefs",
	"apparmorfs", "hugetlbfs",   "functionfs", "gadgetfs", "dax",	  "drm",
	"bdev",	      "cpuset",	     "ipathfs",	   "spufs",    "usbfs",	  "xenfs",
};

static const char *const network[] = {
	"9p",	  "acfs",      "afs",	   "beegfs", "ceph",   "cifs", "coda",
	"gpfs",	  "glusterfs", "kafs",	   "lustre", "mfs",    "ncp",  "ncpfs",
	"nfs",	  "nfs4",      "orangefs", "panfs",  "prl_fs", "smb3", "smbfs",
	"vboxsf", "virtiofs",  "vmhgfs",   "wekafs",
};

static int is_among(const char *type, const char *const *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(type, v[i]))
			return 1;
	return 0;
}

enum filesystem filesystem_kind(const char *type)
{
	if (!strncmp(type, "fuse", 4) && strcmp(type, "fusectl"))
		return FILESYSTEM_FUSE;
	if (is_among(type, pseudo, sizeof(pseudo) / sizeof(*pseudo)))
		return FILESYSTEM_PSEUDO;
	if (is_among(type, network, sizeof(network) / sizeof(*network)))
		return FILESYSTEM_NETWORK;
	return FILESYSTEM_LOCAL;
}
