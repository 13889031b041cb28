// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: A line that an interrupt writes
 *
 * A driver's interrupt may say something at any time, and the console writes it there and
 * then. Consoles over the network (netpoll) then poll the NIC in that interrupt. Nothing
 * makes a kernel speak in an interrupt on demand, so this does, once, when it is
 * loaded.
 */
#include <linux/irq_work.h>
#include <linux/module.h>
#include <linux/printk.h>

static void irq_line_say(struct irq_work *work)
{
	/* Whatever the console's level is. */
	pr_emerg("hv_netvsc test: a line of an interrupt\n");
}

static struct irq_work irq_line_work = IRQ_WORK_INIT_HARD(irq_line_say);

static int __init irq_line_init(void)
{
	irq_work_queue(&irq_line_work);
	irq_work_sync(&irq_line_work);
	return 0;
}

static void __exit irq_line_exit(void)
{
}

module_init(irq_line_init);
module_exit(irq_line_exit);
MODULE_DESCRIPTION("Writes a line in an interrupt, for the tests of hv_netvsc");
MODULE_LICENSE("GPL");
