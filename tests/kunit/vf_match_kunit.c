// SPDX-License-Identifier: GPL-2.0
/* Suite hv_netvsc_vf_match. Sheet 3.11; R53. */
#include <kunit/test.h>

#include "../../drivers/net/hyperv/lib/vf_match.c"

#define OURS	{ 0x00, 0x15, 0x5d, 0, 0, 1 }
#define OTHER	{ 0x00, 0x15, 0x5d, 0, 0, 2 }

static const struct {
	const char *slot;
	int err;
	u32 serial;
} slots[] = {
	{ "2", 0, 2 },
	{ "0", 0, 0 },
	{ "4294967295", 0, 4294967295u },
	{ "0000000002", 0, 2 },
	{ NULL, -EINVAL },
	{ "", -EINVAL },
	{ "4294967296", -EINVAL },
	{ "9999999999", -EINVAL },
	{ "00000000002", -EINVAL },
	{ "2-1", -EINVAL },
	{ "-2", -EINVAL },
	{ "0x2", -EINVAL },
	{ " 2", -EINVAL },
	{ "2\n", -EINVAL },
};

static void slot_name_is_a_serial_in_decimal(struct kunit *test)
{
	unsigned int i;
	u32 serial;

	for (i = 0; i < ARRAY_SIZE(slots); i++) {
		serial = 77;
		KUNIT_EXPECT_EQ_MSG(test, netvsc_vf_match_serial(slots[i].slot,
								 &serial),
				    slots[i].err, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, serial,
				    slots[i].err ? 77 : slots[i].serial,
				    "row %u", i);
	}
}

static const struct {
	const char *what;
	struct netvsc_vf_identity vf;
	struct netvsc_vf_criteria nic;
	enum netvsc_vf_match match;
} pairs[] = {
	{ "serial and address",
	  { true, "2", OURS, OURS }, { true, 2, OURS },
	  NETVSC_VF_MATCH_SERIAL },
	{ "serial, another address",
	  { true, "2", OTHER, OTHER }, { true, 2, OURS },
	  NETVSC_VF_MATCH_NOT },
	{ "another serial",
	  { true, "3", OURS, OURS }, { true, 2, OURS },
	  NETVSC_VF_MATCH_MAC },
	{ "serial that nobody announced",
	  { true, "2", OURS, OURS }, { false, 2, OURS },
	  NETVSC_VF_MATCH_MAC },
	{ "no slot",
	  { true, NULL, OURS, OURS }, { true, 2, OURS },
	  NETVSC_VF_MATCH_MAC },
	{ "a slot of another kind",
	  { true, "2-1", OURS, OURS }, { true, 2, OURS },
	  NETVSC_VF_MATCH_MAC },
	{ "no permanent address yet",
	  { true, "2", OURS, {} }, { true, 2, OURS },
	  NETVSC_VF_MATCH_SERIAL },
	{ "address changed by the user",
	  { true, "2", OTHER, OURS }, { true, 2, OURS },
	  NETVSC_VF_MATCH_SERIAL },
	{ "address made ours by the user",
	  { true, "2", OURS, OTHER }, { true, 2, OURS },
	  NETVSC_VF_MATCH_NOT },
	{ "a permanent address that is almost none",
	  { true, "2", OURS, { 0, 0, 0, 0, 0, 1 } }, { true, 2, OURS },
	  NETVSC_VF_MATCH_NOT },
	{ "a VLAN or bond with our address",
	  { false, NULL, OURS, OURS }, { true, 2, OURS },
	  NETVSC_VF_MATCH_NOT },
};

static void best_of_serial_and_address(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		KUNIT_EXPECT_EQ_MSG(test, netvsc_vf_match(&pairs[i].vf,
							  &pairs[i].nic),
				    pairs[i].match, "%s", pairs[i].what);
}

/* What is around them in memory is no part of the addresses. */
static void address_has_six_bytes(struct kunit *test)
{
	static const u8 ours[] = OURS;
	struct netvsc_vf_identity vf;
	struct netvsc_vf_criteria nic;

	memset(&vf, 0x11, sizeof(vf));
	memset(&nic, 0x22, sizeof(nic));
	vf.pci = true;
	vf.slot = NULL;
	memcpy(vf.permanent, ours, sizeof(ours));
	nic.announced = false;
	memcpy(nic.permanent, ours, sizeof(ours));
	KUNIT_EXPECT_EQ(test, (int)netvsc_vf_match(&vf, &nic),
			(int)NETVSC_VF_MATCH_MAC);
}

static struct kunit_case vf_match_cases[] = {
	KUNIT_CASE(slot_name_is_a_serial_in_decimal),
	KUNIT_CASE(best_of_serial_and_address),
	KUNIT_CASE(address_has_six_bytes),
	{}
};

static struct kunit_suite vf_match_suite = {
	.name = "hv_netvsc_vf_match",
	.test_cases = vf_match_cases,
};

kunit_test_suite(vf_match_suite);
