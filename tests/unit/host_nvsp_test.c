// SPDX-License-Identifier: GPL-2.0
/* SRCS: tests/unit/fake/host.c tests/unit/fake/guest.c tests/host/base/ctl.c tests/host/base/arg.c tests/host/base/violation.c tests/host/base/log.c tests/host/vm/gmem.c tests/host/fault/fault.c tests/host/backend/[a-z]*.c tests/host/netvsp/[a-z]*.c LIBS: -ljansson */
/* CFLAGS: -Itests/host -Itests/host/base -Itests */
/*
 * DOC: the NVSP server: golden bytes, versions, order, buffers, close.
 */
#include "unit.h"
#include <endian.h>
#include "base/violation.h"
#include "fake/guest.h"
#include "vectors/nvsp.h"

UNIT_TEST(init_is_answered_with_the_golden_bytes)
{
	struct guest g;
	struct fake_packet *p;

	ASSERT_TRUE(guest_new(&g, 1, ""));
	fake_put(g.ch[0], vec_nvsp_init_packet, VECTOR_PACKET_BYTES(vec_nvsp_init_packet));
	fake_ring(g.ch[0]);
	p = fake_get(g.ch[0]);
	ASSERT_NOT_NULL(p);
	EXPECT_EQ(p->len, VECTOR_PACKET_BYTES(vec_nvsp_init_complete_packet));
	EXPECT_MEMEQ(p->b, vec_nvsp_init_complete_packet,
		     VECTOR_PACKET_BYTES(vec_nvsp_init_complete_packet));
	free(p);
	guest_free(&g);
	EXPECT_EQ(violation_total(), 0);
}

UNIT_TEST(whole_life_without_a_violation)
{
	static const uint32_t versions[] = { NVSP_VERSION_1, NVSP_VERSION_2, NVSP_VERSION_4,
					     NVSP_VERSION_5, NVSP_VERSION_6, NVSP_VERSION_61 };
	unsigned int i;

	for (i = 0; i < 6; i++) {
		struct guest g;

		ASSERT_TRUE(guest_new(&g, 1, ""));
		EXPECT_TRUE(guest_bring_up(&g, versions[i]));
		guest_down(&g);
		EXPECT_EQ(fake_open(g.ch[0]), 0);
		EXPECT_TRUE(guest_bring_up(&g, versions[i]));
		guest_down(&g);
		guest_free(&g);
	}
	EXPECT_EQ(violation_total(), 0);
}

UNIT_MAIN()
