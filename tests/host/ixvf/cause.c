// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: cause - interrupts of the ixvf.
 *
 * A cause is set in EICR; if it is enabled in EIMS its vector fires, EIAC clears the
 * cause and EIAM disables it again, so that the driver's poll runs undisturbed.
 */
#include "inside.h"

#define IVAR_VALID	0x80u

void ixvf_cause(struct ixvf *v, uint32_t bits)
{
	uint32_t *eicr = ixvf_reg(v, R_EICR), *eims = ixvf_reg(v, R_EIMS);
	uint32_t fire;
	uint16_t i;

	*eicr |= bits & CAUSES;
	fire = *eicr & *eims;
	*eicr &= ~(fire & *ixvf_reg(v, R_EIAC));
	*eims &= ~(fire & *ixvf_reg(v, R_EIAM));
	for (i = 0; i < IXVF_VECTORS; i++) {
		if (!(fire & 1u << i))
			continue;
		v->stats.interrupts++;
		v->ops->interrupt(v->priv, i);
	}
}

static uint32_t ivar_cause(uint32_t entry)
{
	return entry & IVAR_VALID ? 1u << (entry & 3) & CAUSES : 0;
}

uint32_t ixvf_queue_cause(struct ixvf *v, unsigned int q, bool tx)
{
	return ivar_cause(*ixvf_reg(v, R_IVAR + q / 2 * 4) >> (16 * (q & 1) + 8 * tx));
}

void ixvf_ping(struct ixvf *v)
{
	if (v->talking)
		ixvf_cause(v, ivar_cause(*ixvf_reg(v, R_IVAR_MISC)));
}
