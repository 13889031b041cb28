// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: main - puts the rooms together, runs the loop, reports the end.
 *
 * Machine and bus know each other only through the two tables here; the NICs come
 * in through netvsp_setup(). Only this file ends the process. Exit status: 0 the
 * guest ended orderly and reported a status, 3 usage, 4 set-up trouble, 5 guest
 * crash, 6 time-out or stopped by a signal, 7 violations.
 *
 * A guest that resets is an end, unless --host reboot=N lets it boot again: then
 * the machine is made anew and the bus, its offers and the NICs stay.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <jansson.h>

#include "boot.h"
#include "bus.h"
#include "channel.h"
#include "ctl.h"
#include "hcall.h"
#include "hv.h"
#include "log.h"
#include "loop.h"
#include "loop_run.h"
#include "machine.h"
#include "netvsp.h"
#include "opts.h"
#include "pci.h"
#include "pio.h"
#include "serial.h"
#include "violation.h"
#include "violation_json.h"
#include "visible.h"
#include "vpci.h"

enum {
	END_OK = 0,
	END_USAGE = 3,
	END_SETUP = 4,
	END_CRASH = 5,
	END_TIMEOUT = 6,
	END_VIOLATIONS = 7
};

#define CRASH_GRACE_MS	15000	/* for the console's last words after the crash registers */

static struct host {
	struct opts opt;
	struct machine m;
	struct vmbus *bus;
	const char *why;	/* exit reason for the report */
	int guest_status;	/* -1: none reported */
	bool crashed, timed_out;
	int signal;
	unsigned int reboots;
} host = { .guest_status = -1 };

/* ---- machine <-> bus ---- */

static uint16_t on_message(void *priv, uint32_t connection, uint32_t type, const void *msg,
			   size_t len)
{
	(void)priv;
	return vmbus_message(host.bus, connection, type, msg, len);
}

static uint16_t on_signal(void *priv, uint32_t connection)
{
	(void)priv;
	return vmbus_signal(host.bus, connection);
}

/* Before the guest's first word on the bus. */
static void on_synic(void *priv)
{
	(void)priv;
	if (host.opt.isolated)
		hcall_arm();
}

static void on_grace_over(void *priv)
{
	(void)priv;
	loop_stop();
}

static void on_crash(void *priv, const uint64_t p[5])
{
	(void)priv;
	if (!host.crashed)
		loop_add_timer(CRASH_GRACE_MS, on_grace_over, NULL);
	log_line("guest reports a crash: %llx %llx %llx %llx %llx", (unsigned long long)p[0],
		 (unsigned long long)p[1], (unsigned long long)p[2], (unsigned long long)p[3],
		 (unsigned long long)p[4]);
	host.crashed = true;
}

static void on_ended(void *priv)
{
	(void)priv;
	loop_stop();
}

static const struct hv_ops hv_ops = {
	.message = on_message, .signal = on_signal, .synic = on_synic, .crash = on_crash,
	.ended = on_ended,
};

static void act_post(void *priv, uint32_t vp, const void *msg, size_t len)
{
	(void)priv;
	hv_post(vp, msg, len);
}

static void act_event(void *priv, uint32_t vp, uint32_t relid)
{
	(void)priv;
	hv_set_event(vp, relid);
}

static void act_on(void *priv, uint32_t connection)
{
	(void)priv;
	hv_doorbell_on(connection);
}

static void act_off(void *priv, uint32_t connection)
{
	(void)priv;
	hv_doorbell_off(connection);
}

static void act_drop(void *priv)
{
	(void)priv;
	hv_drop_messages();
}

static const struct vmbus_actions actions = {
	.post = act_post, .set_event = act_event, .doorbell_on = act_on, .doorbell_off = act_off,
	.drop_messages = act_drop,
};

/* ---- core verbs ---- */

static void verb_ping(void *priv, struct ctl_call *call, const json_t *args)
{
	(void)priv;
	(void)args;
	ctl_ok(call, NULL);
}

static void verb_exit(void *priv, struct ctl_call *call, const json_t *args)
{
	const json_t *status = json_object_get(args, "status");

	(void)priv;
	if (!json_is_integer(status)) {
		ctl_error(call, "exit wants status=NUMBER");
		return;
	}
	host.guest_status = json_integer_value(status);
	ctl_ok(call, NULL);
}

static void verb_violations(void *priv, struct ctl_call *call, const json_t *args)
{
	json_t *book = violation_json();

	(void)priv;
	if (json_object_get(args, "clear"))
		violation_clear();
	ctl_ok(call, book);
}

static json_t *machine_json(void)
{
	return json_pack("{s:i,s:i,s:o,s:I,s:I,s:I,s:I}", "cpus", (int)host.m.cpu_cnt,
			 "reboots", (int)host.reboots, "bus", vmbus_json(host.bus),
			 "exits", (json_int_t)host.m.exits, "exits_io", (json_int_t)host.m.exits_io,
			 "exits_mmio", (json_int_t)host.m.exits_mmio,
			 "exits_hv", (json_int_t)host.m.exits_hv);
}

static void verb_machine(void *priv, struct ctl_call *call, const json_t *args)
{
	(void)priv;
	(void)args;
	ctl_ok(call, machine_json());
}

/* How long all our threads ran, the guest's time in them included, its idling not. */
static void verb_cputime(void *priv, struct ctl_call *call, const json_t *args)
{
	struct timespec ts;

	(void)priv;
	(void)args;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	ctl_ok(call, json_pack("{s:I}", "ns", (json_int_t)(ts.tv_sec * 1000000000LL + ts.tv_nsec)));
}

static void register_verbs(void)
{
	ctl_register("ping", "answers", verb_ping, NULL);
	ctl_register("exit", "status=N: what the guest's command ended with", verb_exit, NULL);
	ctl_register("violations", "[clear=1]: what the guest did against the rules",
		     verb_violations, NULL);
	ctl_register("cputime", "CPU time of hvhost and the guest so far", verb_cputime, NULL);
	ctl_register("machine", "vCPUs, reboots, bus, exits so far", verb_machine, NULL);
	vmbus_register_verbs(host.bus);
}

/* ---- ends ---- */

static void on_timeout(void *priv)
{
	(void)priv;
	host.timed_out = true;
	loop_stop();
}

static void on_signal_fd(void *priv, int fd, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)priv;
	(void)events;
	if (read(fd, &info, sizeof(info)) == sizeof(info)) {
		host.signal = info.ssi_signo;
		loop_stop();
	}
}

static int watch_signals(void)
{
	sigset_t set;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : loop_add_fd(fd, EPOLLIN, on_signal_fd, NULL);
}

static const char *crash_reason(void)
{
	if (host.crashed)
		return "crash reported by the guest";
	if (host.m.end == MACHINE_TRIPLE_FAULT)
		return "triple fault";
	if (host.m.end == MACHINE_KVM_TROUBLE)
		return "KVM trouble";
	return NULL;
}

static int verdict(void)
{
	host.why = crash_reason();
	if (host.why)
		return END_CRASH;
	if (host.signal) {
		host.why = "stopped by a signal";
		return END_TIMEOUT;
	}
	if (host.timed_out) {
		host.why = "time-out";
		return END_TIMEOUT;
	}
	if (host.guest_status < 0) {
		host.why = host.m.end == MACHINE_RESET ? "guest reset before it reported a status" :
			   "guest powered off before it reported a status";
		return END_CRASH;
	}
	if (violation_total()) {
		host.why = "violations";
		return END_VIOLATIONS;
	}
	host.why = "guest ended orderly";
	return END_OK;
}

static void write_report(int status)
{
	json_t *report;

	if (!host.opt.report)
		return;
	report = json_pack("{s:s,s:i,s:o,s:o,s:o}", "reason", host.why, "status", status,
			   "violations", violation_json(), "machine", machine_json(),
			   "net", netvsp_report());
	json_object_set_new(report, "guest_status", host.guest_status < 0 ? json_null() :
			    json_integer(host.guest_status));
	json_object_set_new(report, "bus_connected", json_boolean(vmbus_contacts(host.bus) > 0));
	if (json_dump_file(report, host.opt.report, JSON_INDENT(1)))
		log_line("report %s cannot be written: %s", host.opt.report, strerror(errno));
	json_decref(report);
}

/* ---- set-up ---- */

/* Everything of the machine that a boot needs anew. */
static int build_machine(char *err, size_t errlen)
{
	struct opts *o = &host.opt;
	uint64_t rsdp;
	int ret;

	ret = machine_create(&host.m, o->cpus, (uint64_t)o->mem_mb << 20, o->pmem, o->pmem_cnt, err,
			     errlen);
	if (!ret && o->isolated)
		ret = visible_setup(&host.m.mem);
	if (!ret)
		ret = hv_init(&host.m, &hv_ops, NULL, o->eventfds, err, errlen);
	if (ret)
		return ret;
	rsdp = acpi_build(&host.m);
	return boot_linux(&host.m, o->kernel, o->initrd, o->cmdline, rsdp, err, errlen);
}

static void drop_machine(void)
{
	hv_exit();
	machine_destroy(&host.m);
}

static void send_msi(uint64_t addr, uint32_t data)
{
	machine_msi(&host.m, addr, data);
}

static int vpci_setup(void)
{
	const struct vpci_machine m = { .msi = send_msi, .window_used = hcall_arm,
					.vps = host.opt.cpus };

	vpci_init(&m);
	return hcall_setup(&host.m, vpci_retarget, visible_call);
}

static int setup_once(char *err, size_t errlen)
{
	int ret = loop_init(&host.m.lock);

	if (!ret)
		ret = pio_board(&host.m) ?: pci_setup() ?: vpci_setup();
	if (ret) {
		snprintf(err, errlen, "event loop and ports: %s", strerror(-ret));
		return ret;
	}
	host.bus = vmbus_create(&host.m.mem, host.opt.vmbus_version, host.opt.cpus, &actions, NULL);
	if (!host.bus) {
		snprintf(err, errlen, "out of memory");
		return -ENOMEM;
	}
	return serial_setup(&host.m, &host.opt, err, errlen);
}

static int setup_all(char *err, size_t errlen)
{
	int ret;

	hv_set_stimer(host.opt.stimer);
	hv_set_isolated(host.opt.isolated);
	machine_init(&host.m, hv_machine_ops());
	ret = setup_once(err, errlen) ?: build_machine(err, errlen);
	if (ret)
		return ret;
	register_verbs();
	ret = netvsp_setup(host.bus, &host.opt.net, err, errlen);
	if (ret)
		return ret;
	ret = watch_signals();
	if (!ret && host.opt.timeout)
		ret = loop_add_timer(host.opt.timeout * 1000, on_timeout, NULL) ? 0 : -ENOMEM;
	if (!ret)
		ret = machine_start(&host.m);
	if (ret)
		snprintf(err, errlen, "signals, timers, threads: %s", strerror(-ret));
	return ret;
}

/* The guest's reset: its machine and what the bus knows of it go, the rest stays. */
static int reboot_guest(char *err, size_t errlen)
{
	int ret;

	log_line("guest resets, boot %u of %u", host.reboots + 1, host.opt.reboots);
	machine_halt(&host.m);
	pthread_mutex_lock(&host.m.lock);
	host.reboots++;
	vmbus_reset(host.bus);
	drop_machine();
	serial_reset();
	ret = build_machine(err, errlen);
	pthread_mutex_unlock(&host.m.lock);
	return ret ?: machine_start(&host.m);
}

static bool wants_reboot(void)
{
	return host.m.end == MACHINE_RESET && !crash_reason() && !host.signal && !host.timed_out &&
	       host.guest_status < 0 && host.reboots < host.opt.reboots;
}

/* In this order: vCPUs first, then who reads their memory, then the memory. */
static void tear_down(void)
{
	machine_halt(&host.m);
	pthread_mutex_lock(&host.m.lock);
	if (host.bus)
		vmbus_reset(host.bus);
	netvsp_teardown();
	vmbus_destroy(host.bus);
	drop_machine();
	serial_close();
	pthread_mutex_unlock(&host.m.lock);
	log_flush();
}

static int run(void)
{
	char err[512] = "";
	int status;

	loop_run();
	while (wants_reboot()) {
		if (reboot_guest(err, sizeof(err))) {
			fprintf(stderr, "hvhost: reboot: %s\n", err);
			return END_SETUP;
		}
		loop_run();
	}
	machine_halt(&host.m);
	serial_flush();
	status = verdict();
	write_report(status);
	log_line("end: %s", host.why);
	return status;
}

int main(int argc, char **argv)
{
	char err[512] = "";
	int status;

	if (opts_parse(&host.opt, argc, argv, err, sizeof(err))) {
		opts_free(&host.opt);
		fprintf(stderr, "hvhost: %s (see --help)\n", err);
		return END_USAGE;
	}
	if (host.opt.probe) {
		int no = machine_kvm_probe(err, sizeof(err));

		puts(no ? err : "KVM here can carry a Hyper-V guest");
		return no ? 1 : 0;
	}
	log_verbose(host.opt.verbose);
	if (setup_all(err, sizeof(err))) {
		fprintf(stderr, "hvhost: %s\n", *err ? err : "set-up failed");
		status = END_SETUP;
	} else {
		status = run();
	}
	tear_down();
	opts_free(&host.opt);
	return status;
}
