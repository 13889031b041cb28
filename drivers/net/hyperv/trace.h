/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Room trace: what is said to the host and by it, for ftrace, perf and BPF.
 *
 *	netvsc_nvsp_sent, netvsc_nvsp_received		NVSP but for frames
 *	netvsc_rndis_sent, netvsc_rndis_received	control messages
 *	netvsc_rndis_status				indications
 *	netvsc_vf_switch				the path of the frames
 *	netvsc_attach, netvsc_detach			an attachment to the host
 *
 * Not a contract. What is written here is read several times, by macros of the
 * kernel.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM hv_netvsc

#if !defined(_NETVSC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _NETVSC_TRACE_H

#include <linux/device.h>
#include <linux/netdevice.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include <netvsc/nvsp.h>
#include <netvsc/oid.h>
#include <netvsc/rndis.h>

#ifndef NETVSC_TRACE_NAME
/* An interface, or the GUID of a bus device. */
#define NETVSC_TRACE_NAME	40

/* An interface that is not registered yet has no name of its own. */
static inline const char *netvsc_trace_name(const struct net_device *ndev)
{
	return ndev->reg_state == NETREG_UNINITIALIZED && ndev->dev.parent ?
	       dev_name(ndev->dev.parent) : ndev->name;
}

/* A number and its name. */
#define NETVSC_NVSP(name)	{ NVSP_MSG_##name, #name }
#define NETVSC_RNDIS(name)	{ RNDIS_MSG_##name, #name }
#define NETVSC_STATUS(name)	{ RNDIS_STATUS_##name, #name }
#define NETVSC_OID(name)	{ OID_##name, #name }

#define netvsc_trace_nvsp(value)	\
	__print_symbolic(value,	\
			 NETVSC_NVSP(INIT),	\
			 NETVSC_NVSP(INIT_COMPLETE),	\
			 NETVSC_NVSP(SEND_NDIS_VERSION),	\
			 NETVSC_NVSP(SEND_RECV_BUF),	\
			 NETVSC_NVSP(SEND_RECV_BUF_COMPLETE),	\
			 NETVSC_NVSP(REVOKE_RECV_BUF),	\
			 NETVSC_NVSP(SEND_SEND_BUF),	\
			 NETVSC_NVSP(SEND_SEND_BUF_COMPLETE),	\
			 NETVSC_NVSP(REVOKE_SEND_BUF),	\
			 NETVSC_NVSP(SEND_NDIS_CONFIG),	\
			 NETVSC_NVSP(SEND_VF_ASSOCIATION),	\
			 NETVSC_NVSP(SWITCH_DATA_PATH),	\
			 NETVSC_NVSP(SUBCHANNEL),	\
			 NETVSC_NVSP(SEND_INDIRECTION_TABLE))

#define netvsc_trace_rndis_type(value)	\
	__print_symbolic(value,	\
			 NETVSC_RNDIS(INITIALIZE),	\
			 NETVSC_RNDIS(HALT),	\
			 NETVSC_RNDIS(QUERY),	\
			 NETVSC_RNDIS(SET))

#define netvsc_trace_oid(value)	\
	__print_symbolic(value,	\
			 { 0, "-" },	\
			 NETVSC_OID(GEN_MAXIMUM_FRAME_SIZE),	\
			 NETVSC_OID(GEN_LINK_SPEED),	\
			 NETVSC_OID(GEN_CURRENT_PACKET_FILTER),	\
			 NETVSC_OID(GEN_MEDIA_CONNECT_STATUS),	\
			 NETVSC_OID(GEN_RECEIVE_SCALE_CAPABILITIES),	\
			 NETVSC_OID(GEN_RECEIVE_SCALE_PARAMETERS),	\
			 NETVSC_OID(GEN_RNDIS_CONFIG_PARAMETER),	\
			 NETVSC_OID(GEN_FRIENDLY_NAME),	\
			 NETVSC_OID(802_3_PERMANENT_ADDRESS),	\
			 NETVSC_OID(TCP_OFFLOAD_PARAMETERS),	\
			 NETVSC_OID(TCP_OFFLOAD_HW_CAPABILITIES))

#define netvsc_trace_answer_type(value)	\
	__print_symbolic(value,	\
			 NETVSC_RNDIS(INITIALIZE_CMPLT),	\
			 NETVSC_RNDIS(QUERY_CMPLT),	\
			 NETVSC_RNDIS(SET_CMPLT),	\
			 NETVSC_RNDIS(KEEPALIVE_CMPLT))

#define netvsc_trace_status(value)	\
	__print_symbolic(value,	\
			 NETVSC_STATUS(SUCCESS),	\
			 NETVSC_STATUS(FAILURE),	\
			 NETVSC_STATUS(RESOURCES),	\
			 NETVSC_STATUS(NOT_SUPPORTED),	\
			 NETVSC_STATUS(INVALID_LENGTH),	\
			 NETVSC_STATUS(INVALID_DATA),	\
			 NETVSC_STATUS(INVALID_OID))

#define netvsc_trace_indication(value)	\
	__print_symbolic(value,	\
			 NETVSC_STATUS(MEDIA_CONNECT),	\
			 NETVSC_STATUS(MEDIA_DISCONNECT),	\
			 NETVSC_STATUS(LINK_SPEED_CHANGE),	\
			 NETVSC_STATUS(NETWORK_CHANGE),	\
			 NETVSC_STATUS(TASK_OFFLOAD_CURRENT_CONFIG))
#endif

DECLARE_EVENT_CLASS(netvsc_nvsp,
		    TP_PROTO(const struct net_device *ndev, u32 type,
			     int result),
		    TP_ARGS(ndev, type, result),
		    TP_STRUCT__entry(__array(char, name, NETVSC_TRACE_NAME)
				     __field(u32, type)
				     __field(int, result)),
		    TP_fast_assign(strscpy(__entry->name,
					   netvsc_trace_name(ndev),
					   NETVSC_TRACE_NAME);
				   __entry->type = type;
				   __entry->result = result;),
		    TP_printk("%s: type=%u %s result=%d", __entry->name,
			      __entry->type,
			      netvsc_trace_nvsp(__entry->type),
			      __entry->result)
);

/* Result: of putting it on the ring, 0 or errno. */
DEFINE_EVENT(netvsc_nvsp, netvsc_nvsp_sent,
	     TP_PROTO(const struct net_device *ndev, u32 type, int result),
	     TP_ARGS(ndev, type, result)
);

/* Result: 0, or what is wrong with it, or with what it answers to. */
DEFINE_EVENT(netvsc_nvsp, netvsc_nvsp_received,
	     TP_PROTO(const struct net_device *ndev, u32 type, int result),
	     TP_ARGS(ndev, type, result)
);

TRACE_EVENT(netvsc_rndis_sent,
	    TP_PROTO(const struct net_device *ndev, u32 type, u32 id, u32 oid,
		     int result),
	    TP_ARGS(ndev, type, id, oid, result),
	    TP_STRUCT__entry(__array(char, name, NETVSC_TRACE_NAME)
			     __field(u32, type)
			     __field(u32, id)
			     __field(u32, oid)
			     __field(int, result)),
	    TP_fast_assign(strscpy(__entry->name, netvsc_trace_name(ndev),
				   NETVSC_TRACE_NAME);
			   __entry->type = type;
			   __entry->id = id;
			   __entry->oid = oid;
			   __entry->result = result;),
	    TP_printk("%s: %s id=%u oid=%08x %s result=%d", __entry->name,
		      netvsc_trace_rndis_type(__entry->type),
		      __entry->id, __entry->oid,
		      netvsc_trace_oid(__entry->oid),
		      __entry->result)
);

/* Late: it answers no request that is out. */
TRACE_EVENT(netvsc_rndis_received,
	    TP_PROTO(const struct net_device *ndev, u32 type, u32 id,
		     u32 status, bool late),
	    TP_ARGS(ndev, type, id, status, late),
	    TP_STRUCT__entry(__array(char, name, NETVSC_TRACE_NAME)
			     __field(u32, type)
			     __field(u32, id)
			     __field(u32, status)
			     __field(bool, late)),
	    TP_fast_assign(strscpy(__entry->name, netvsc_trace_name(ndev),
				   NETVSC_TRACE_NAME);
			   __entry->type = type;
			   __entry->id = id;
			   __entry->status = status;
			   __entry->late = late;),
	    TP_printk("%s: %s id=%u status=%08x %s%s", __entry->name,
		      netvsc_trace_answer_type(__entry->type),
		      __entry->id, __entry->status,
		      netvsc_trace_status(__entry->status),
		      __entry->late ? " late" : "")
);

TRACE_EVENT(netvsc_rndis_status,
	    TP_PROTO(const struct net_device *ndev, u32 status, u32 value),
	    TP_ARGS(ndev, status, value),
	    TP_STRUCT__entry(__array(char, name, NETVSC_TRACE_NAME)
			     __field(u32, status)
			     __field(u32, value)),
	    TP_fast_assign(strscpy(__entry->name, netvsc_trace_name(ndev),
				   NETVSC_TRACE_NAME);
			   __entry->status = status;
			   __entry->value = value;),
	    TP_printk("%s: status=%08x %s value=%u", __entry->name,
		      __entry->status,
		      netvsc_trace_indication(__entry->status),
		      __entry->value)
);

TRACE_EVENT(netvsc_vf_switch,
	    TP_PROTO(const struct net_device *ndev, const char *vf, bool to_vf),
	    TP_ARGS(ndev, vf, to_vf),
	    TP_STRUCT__entry(__array(char, name, NETVSC_TRACE_NAME)
			     __array(char, vf, IFNAMSIZ)
			     __field(bool, to_vf)),
	    TP_fast_assign(strscpy(__entry->name, netvsc_trace_name(ndev),
				   NETVSC_TRACE_NAME);
			   strscpy(__entry->vf, vf, IFNAMSIZ);
			   __entry->to_vf = to_vf;),
	    TP_printk("%s: %s VF %s", __entry->name,
		      __entry->to_vf ? "to" : "from", __entry->vf)
);

/* Version: of NVSP, 0 if it did not come to that. */
TRACE_EVENT(netvsc_attach,
	    TP_PROTO(const struct net_device *ndev, u32 version, int result),
	    TP_ARGS(ndev, version, result),
	    TP_STRUCT__entry(__array(char, name, NETVSC_TRACE_NAME)
			     __field(u32, version)
			     __field(int, result)),
	    TP_fast_assign(strscpy(__entry->name, netvsc_trace_name(ndev),
				   NETVSC_TRACE_NAME);
			   __entry->version = version;
			   __entry->result = result;),
	    TP_printk("%s: nvsp=%x result=%d", __entry->name, __entry->version,
		      __entry->result)
);

/* Late: a bus call is still out, and memory is kept until it ends. */
TRACE_EVENT(netvsc_detach,
	    TP_PROTO(const struct net_device *ndev, bool late),
	    TP_ARGS(ndev, late),
	    TP_STRUCT__entry(__array(char, name, NETVSC_TRACE_NAME)
			     __field(bool, late)),
	    TP_fast_assign(strscpy(__entry->name, netvsc_trace_name(ndev),
				   NETVSC_TRACE_NAME);
			   __entry->late = late;),
	    TP_printk("%s:%s", __entry->name, __entry->late ? " late" : "")
);

#endif /* _NETVSC_TRACE_H */

/* The driver's folder is searched for headers, in a kernel tree and out of it. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
