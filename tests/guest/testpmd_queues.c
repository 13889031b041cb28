// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: testpmd_queues - preloaded into testpmd, so that it forwards packets.
 *
 * Testpmd polls no queue whose state is "stopped", and that is what Debian 12's 22.11.11
 * hears of each queue of this NIC, of a started port, too ("show rxq info 0 0" prints it):
 * it sits in its loop and never looks at a ring. With the answer "not supported" it
 * takes the queues of a started port as started.
 */
#include <errno.h>
#include <stdint.h>

int rte_eth_rx_queue_info_get(uint16_t port, uint16_t queue, void *info);
int rte_eth_tx_queue_info_get(uint16_t port, uint16_t queue, void *info);

int rte_eth_rx_queue_info_get(uint16_t port, uint16_t queue, void *info)
{
	(void)port;
	(void)queue;
	(void)info;
	return -ENOTSUP;
}

int rte_eth_tx_queue_info_get(uint16_t port, uint16_t queue, void *info)
{
	return rte_eth_rx_queue_info_get(port, queue, info);
}
