// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Bytes that nobody may see
 *
 * Fills slab, page and socket buffer memory with a pattern, for tests that look for it where it does not
 * belong. What is written to the parameter "memory" does it:
 *
 *	planted	all of it is in use
 *	halved	of what is planted every second piece is given back: who asks for memory gets what
 *		has the pattern still, next to what is in use
 *	sown	a quarter of the free memory is filled besides, and given back
 *	gone	all is cleared and given back
 *
 * The kernel is booted with init_on_alloc=0, or it clears what it gives out.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#define CANARY_BYTES	32
#define CANARY_PIECES	400	/* of each size */
#define CANARY_ORDERS	4
#define CANARY_SOWN_MAX	(96UL << 20 >> PAGE_SHIFT)

/* As 65-canary.sh looks for it; in no text and no code. */
static const u8 canary_pattern[CANARY_BYTES] = {
	0xc5, 0x11, 0xa7, 0xf3, 0x9e, 0x02, 0x6b, 0xd8, 0x4d, 0xe9, 0x33, 0x8c, 0x71, 0xbe, 0x05, 0xfa,
	0x96, 0x2f, 0xd1, 0x47, 0xe0, 0x7a, 0x1c, 0xb4, 0x58, 0x83, 0xee, 0x29, 0xcd, 0x60, 0x97, 0x3a,
};

static const size_t canary_sizes[] = { 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192 };

struct canary_piece {
	struct list_head list;
	void *slab;
	size_t size;		/* of @slab */
	struct sk_buff *skb;
	struct page *page;
	unsigned int order;
};

static LIST_HEAD(canary_pieces);
static DEFINE_MUTEX(canary_lock);

static void canary_fill(void *to, size_t len)
{
	size_t n;

	for (; len; len -= n, to += n) {
		n = min_t(size_t, len, CANARY_BYTES);
		memcpy(to, canary_pattern, n);
	}
}

static void canary_free(struct canary_piece *piece)
{
	list_del(&piece->list);
	kfree(piece->slab);
	kfree_skb(piece->skb);
	if (piece->page)
		__free_pages(piece->page, piece->order);
	kfree(piece);
}

static struct canary_piece *canary_alloc(void)
{
	struct canary_piece *piece = kzalloc(sizeof(*piece), GFP_KERNEL);

	if (piece)
		list_add_tail(&piece->list, &canary_pieces);
	return piece;
}

static bool canary_plant_slab(size_t size)
{
	struct canary_piece *piece = canary_alloc();

	if (!piece)
		return false;
	piece->size = size;
	piece->slab = kmalloc(size, GFP_KERNEL);
	if (piece->slab)
		canary_fill(piece->slab, size);
	return piece->slab;
}

/* Its head in the slab, or, as drivers have it, in a piece of a page. */
static bool canary_plant_skb(size_t size, bool as_drivers)
{
	struct canary_piece *piece = canary_alloc();

	if (!piece)
		return false;
	piece->skb = as_drivers ? __netdev_alloc_skb(NULL, size, GFP_KERNEL) : alloc_skb(size, GFP_KERNEL);
	if (piece->skb)
		canary_fill(piece->skb->head, skb_end_offset(piece->skb));
	return piece->skb;
}

static bool canary_plant_pages(unsigned int order, gfp_t flags)
{
	struct canary_piece *piece = canary_alloc();

	if (!piece)
		return false;
	piece->order = order;
	piece->page = alloc_pages(GFP_KERNEL | __GFP_NOWARN | flags, order);
	if (piece->page)
		canary_fill(page_address(piece->page), PAGE_SIZE << order);
	return piece->page;
}

static int canary_plant(void)
{
	unsigned int i, n;
	bool all = true;

	for (n = 0; n < CANARY_PIECES; n++) {
		for (i = 0; i < ARRAY_SIZE(canary_sizes); i++)
			all &= canary_plant_slab(canary_sizes[i]);
		for (i = 0; i < 2; i++) {
			all &= canary_plant_skb(200, i);
			all &= canary_plant_skb(1600, i);
		}
		all &= canary_plant_pages(n % CANARY_ORDERS, 0);
		cond_resched();
	}
	return all ? 0 : -ENOMEM;
}

static void canary_halve(void)
{
	struct canary_piece *piece, *next;
	unsigned int n = 0;

	list_for_each_entry_safe(piece, next, &canary_pieces, list)
		if (n++ & 1)
			canary_free(piece);
}

/* Single pages; those that they leave behind are the first ones that others get. */
static void canary_sow(void)
{
	unsigned long n, pages = min_t(unsigned long, si_mem_available() / 4, CANARY_SOWN_MAX);
	struct canary_piece *last = list_empty(&canary_pieces) ? NULL :
		list_last_entry(&canary_pieces, struct canary_piece, list);
	struct canary_piece *piece, *next;

	for (n = 0; n < pages && canary_plant_pages(0, __GFP_NORETRY); n++)
		cond_resched();
	piece = last ? last : list_entry(&canary_pieces, struct canary_piece, list);
	list_for_each_entry_safe_continue(piece, next, &canary_pieces, list)
		canary_free(piece);
}

static void canary_go(void)
{
	struct canary_piece *piece, *next;

	list_for_each_entry_safe(piece, next, &canary_pieces, list) {
		if (piece->slab)
			memset(piece->slab, 0, piece->size);
		if (piece->skb)
			memset(piece->skb->head, 0, skb_end_offset(piece->skb));
		if (piece->page)
			memset(page_address(piece->page), 0, PAGE_SIZE << piece->order);
		canary_free(piece);
	}
}

static int canary_set(const char *word, const struct kernel_param *param)
{
	int ret = 0;

	mutex_lock(&canary_lock);
	if (sysfs_streq(word, "planted"))
		ret = canary_plant();
	else if (sysfs_streq(word, "halved"))
		canary_halve();
	else if (sysfs_streq(word, "sown"))
		canary_sow();
	else if (sysfs_streq(word, "gone"))
		canary_go();
	else
		ret = -EINVAL;
	mutex_unlock(&canary_lock);
	return ret;
}

static const struct kernel_param_ops canary_ops = { .set = canary_set };

module_param_cb(memory, &canary_ops, NULL, 0200);
MODULE_PARM_DESC(memory, "planted, halved, sown or gone");

static int __init canary_init(void)
{
	return 0;
}

static void __exit canary_exit(void)
{
	canary_go();
}

module_init(canary_init);
module_exit(canary_exit);
MODULE_DESCRIPTION("Fills memory with a pattern, for the tests of hv_netvsc");
MODULE_LICENSE("GPL");
