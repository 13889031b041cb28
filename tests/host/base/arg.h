/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: arg - reading the arguments of control verbs. hvctl passes words, programs
 * pass JSON: a number may be a number or its digits (decimal, 0x hexadecimal).
 */
#ifndef HVHOST_BASE_ARG_H
#define HVHOST_BASE_ARG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

/**
 * arg_int() - @key as a number
 *
 * Return: false if it is missing or no number (@out kept).
 */
bool arg_int(const json_t *args, const char *key, int64_t *out);

/**
 * arg_str() - @key as a string
 *
 * Return: the string, or NULL.
 */
const char *arg_str(const json_t *args, const char *key);

/**
 * arg_bool() - @key as on/off, yes/no, true/false, 1/0
 *
 * Return: its value, @def if it is missing.
 */
bool arg_bool(const json_t *args, const char *key, bool def);

/**
 * arg_text() - any scalar as a word
 *
 * Return: false if it is none, or too long.
 */
bool arg_text(const json_t *value, char *out, size_t size);

/**
 * arg_hex() - @key as bytes, two digits each, blanks and colons between allowed
 *
 * Return: false if it is none, or too long.
 */
bool arg_hex(const json_t *args, const char *key, uint8_t *out, size_t size, size_t *len);

/**
 * arg_mac() - @s as an address
 *
 * Return: false if it is none.
 */
bool arg_mac(const char *s, uint8_t mac[6]);

#endif
