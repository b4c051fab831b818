#include "address.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "layerproof/text.h"

struct range {
	uint32_t base;
	int bits;
};

/* RFC 6890: this network, private use, shared, loopback, link-local, private use, protocol
 * assignments, private use, benchmarking, multicast and reserved. */
static const struct range PRIVATE_RANGES[] = {
	{0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
	{0xac100000, 12}, {0xc0000000, 24}, {0xc0a80000, 16}, {0xc6120000, 15}, {0xe0000000, 3},
};

static bool is_private_ipv4(uint32_t address)
{
	for (size_t i = 0; i < sizeof PRIVATE_RANGES / sizeof PRIVATE_RANGES[0]; i++) {
		uint32_t mask = UINT32_MAX << (32 - PRIVATE_RANGES[i].bits);
		if ((address & mask) == PRIVATE_RANGES[i].base)
			return true;
	}
	return false;
}

/* The IPv4 address at four bytes in network order. */
static uint32_t ipv4_at(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The IPv4 address that an IPv6 one stands for: mapped, compatible, NAT64 (RFC 6052) or 6to4. */
static bool unwrap_ipv4(const uint8_t address[16], uint32_t *out)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t compatible[12] = {0};
	static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
	static const uint8_t six_to_four[2] = {0x20, 0x02};
	if (memcmp(address, six_to_four, sizeof six_to_four) == 0) {
		*out = ipv4_at(address + 2);
		return true;
	}
	if (memcmp(address, mapped, sizeof mapped) != 0 &&
		memcmp(address, compatible, sizeof compatible) != 0 &&
		memcmp(address, nat64, sizeof nat64) != 0)
		return false;
	*out = ipv4_at(address + 12);
	return true;
}

static bool is_private_ipv6(const uint8_t address[16])
{
	uint32_t ipv4 = 0;
	if (unwrap_ipv4(address, &ipv4))
		return is_private_ipv4(ipv4);
	bool unique_local = (address[0] & 0xfe) == 0xfc;
	bool link_or_site_local = address[0] == 0xfe && (address[1] & 0x80) == 0x80;
	bool multicast = address[0] == 0xff;
	return unique_local || link_or_site_local || multicast;
}

static bool parse_ipv4(const char *host, uint32_t *out)
{
	struct in_addr address;
	if (inet_pton(AF_INET, host, &address) != 1)
		return false;
	*out = ntohl(address.s_addr);
	return true;
}

/* "[fe80::1]" or "[fe80::1%25eth0]", as URLs write it. */
static bool parse_ipv6(const char *host, uint8_t out[16])
{
	char text[INET6_ADDRSTRLEN] = "";
	if (host[0] != '[')
		return false;
	size_t size = strcspn(host + 1, "]%");
	if (size >= sizeof text)
		return false;
	memcpy(text, host + 1, size);
	return inet_pton(AF_INET6, text, out) == 1;
}

static bool is_localhost_name(const char *host)
{
	return text_equal_fold(host, "localhost") || text_equal_fold(host, "localhost.") ||
		   text_ends_with(host, ".localhost") || text_ends_with(host, ".localhost.");
}

bool address_is_loopback(const char *host)
{
	static const uint8_t ipv6_loopback[16] = {[15] = 1};
	uint32_t ipv4 = 0;
	uint8_t ipv6[16];
	if (parse_ipv4(host, &ipv4))
		return ipv4 >> 24 == 127;
	if (parse_ipv6(host, ipv6))
		return memcmp(ipv6, ipv6_loopback, sizeof ipv6) == 0;
	return is_localhost_name(host);
}

bool address_is_private(const char *host)
{
	uint32_t ipv4 = 0;
	uint8_t ipv6[16];
	if (parse_ipv4(host, &ipv4))
		return is_private_ipv4(ipv4);
	if (parse_ipv6(host, ipv6))
		return is_private_ipv6(ipv6);
	return is_localhost_name(host);
}

bool address_allows_host(const struct url *registry, const struct url *target, const char **why)
{
	if (!address_is_private(target->host) || address_is_private(registry->host))
		return true;
	*why = "from a public to a private address";
	return false;
}

bool address_allows(const struct url *registry, const struct url *target, const char **why)
{
	if (!url_is_https(registry) || url_is_https(target))
		return address_allows_host(registry, target, why);
	*why = "from https to http";
	return false;
}
