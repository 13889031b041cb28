// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: main - puts the rooms together, runs the loop, reports the end.
 *
 * Machine and bus know each other only through the two tables here; the NICs come
 * in through netvsp_setup(). Only this file ends the process. Exit status: 0 the
 * guest ended orderly and reported a status, 3 usage, 4 set-up trouble, 5 guest
 * crash, 6 time-out, 7 violations.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "boot.h"
#include "bus.h"
#include "channel.h"
#include "ctl.h"
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

enum { END_OK = 0, END_USAGE = 3, END_SETUP = 4, END_CRASH = 5, END_TIMEOUT = 6, END_VIOLATIONS = 7 };

#define REBOOT_MAX	16

static struct host {
	struct opts opt;
	struct machine m;
	struct vmbus *bus;
	const char *why;	/* exit reason for the report */
	int guest_status;	/* -1: none reported */
	bool crashed, timed_out, stopped;
	int signal;
} host = { .guest_status = -1 };

/* ---- machine <-> bus ---- */

static uint16_t on_message(void *priv, uint32_t connection, uint32_t type, const void *msg, size_t len)
{
	(void)priv;
	return vmbus_message(host.bus, connection, type, msg, len);
}

static uint16_t on_signal(void *priv, uint32_t connection)
{
	(void)priv;
	return vmbus_signal(host.bus, connection);
}

static void on_crash(void *priv, const uint64_t p[5])
{
	(void)priv;
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
	.message = on_message, .signal = on_signal, .crash = on_crash, .ended = on_ended,
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
	return json_pack("{s:i,s:s,s:i,s:I,s:I,s:I,s:I}", "cpus", (int)host.m.cpu_cnt,
			 "vmbus_version", bus_version(host.bus) ? "connected" : "none",
			 "contacts", (int)vmbus_contacts(host.bus),
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
	ctl_register("violations", "[clear=1]: what the guest did against the rules", verb_violations, NULL);
	ctl_register("cputime", "CPU time of hvhost and the guest so far", verb_cputime, NULL);
	ctl_register("machine", "vCPUs, bus version, exits so far", verb_machine, NULL);
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

static int verdict(void)
{
	if (host.signal) {
		host.why = "stopped by a signal";
		return END_TIMEOUT;
	}
	if (host.timed_out) {
		host.why = "time-out";
		return END_TIMEOUT;
	}
	if (host.crashed || host.m.end == MACHINE_TRIPLE_FAULT || host.m.end == MACHINE_KVM_TROUBLE) {
		host.why = host.crashed ? "crash reported by the guest" :
			   host.m.end == MACHINE_TRIPLE_FAULT ? "triple fault" : "KVM trouble";
		return END_CRASH;
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

static int setup_guest(char *err, size_t errlen)
{
	struct opts *o = &host.opt;
	uint64_t rsdp;
	int ret;

	host.m.ops = hv_machine_ops();
	ret = machine_create(&host.m, o->cpus, (uint64_t)o->mem_mb << 20, o->pmem, o->pmem_cnt, err, errlen);
	if (ret)
		return ret;
	ret = loop_init(&host.m.lock);
	if (!ret)
		ret = hv_init(&host.m, &hv_ops, NULL, o->eventfds, err, errlen);
	if (ret)
		return ret;
	host.bus = vmbus_create(&host.m.mem, o->vmbus_version, o->cpus, &actions, NULL);
	rsdp = acpi_build(&host.m);
	if (!host.bus || !rsdp || pio_board(&host.m) || pci_setup()) {
		snprintf(err, errlen, "out of memory");
		return -ENOMEM;
	}
	ret = serial_setup(&host.m, o, err, errlen);
	if (ret)
		return ret;
	return boot_linux(&host.m, o->kernel, o->initrd, o->cmdline, rsdp, err, errlen);
}

static int setup_all(char *err, size_t errlen)
{
	int ret = setup_guest(err, errlen);

	if (ret)
		return ret;
	register_verbs();
	ret = netvsp_setup(host.bus, &host.opt.net, err, errlen);
	if (ret)
		return ret;
	ret = watch_signals();
	if (ret)
		snprintf(err, errlen, "signals: %s", strerror(-ret));
	if (!ret && host.opt.timeout)
		loop_add_timer(host.opt.timeout * 1000, on_timeout, NULL);
	return ret;
}

int main(int argc, char **argv)
{
	char err[512] = "";
	int status;

	if (opts_parse(&host.opt, argc, argv, err, sizeof(err))) {
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
		return END_SETUP;
	}
	if (machine_start(&host.m)) {
		fprintf(stderr, "hvhost: no thread for a vCPU: %s\n", strerror(errno));
		return END_SETUP;
	}
	loop_run();
	pthread_mutex_lock(&host.m.lock);
	serial_flush();
	status = verdict();
	write_report(status);
	log_line("end: %s", host.why);
	netvsp_teardown();
	/* vCPU threads end with the process. */
	fflush(NULL);
	_exit(status);
}
