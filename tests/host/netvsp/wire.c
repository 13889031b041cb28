// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: wire - names of the NVSP versions. Numbers are read and written in wire.h.
 */
#include <stddef.h>
#include <string.h>
#include <netvsc/nvsp.h>
#include "wire.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *name;
	uint32_t version;
} versions[] = {
	{ "1", NVSP_VERSION_1 }, { "2", NVSP_VERSION_2 }, { "4", NVSP_VERSION_4 },
	{ "5", NVSP_VERSION_5 }, { "6", NVSP_VERSION_6 }, { "6.1", NVSP_VERSION_61 },
};

const char *wire_version_name(uint32_t version)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(versions); i++)
		if (versions[i].version == version)
			return versions[i].name;
	return "none";
}

uint32_t wire_version_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(versions); i++)
		if (!strcmp(versions[i].name, name))
			return versions[i].version;
	return 0;
}
