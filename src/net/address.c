#include "address.h"

#include <netinet/in.h>
#include <string.h>

#include "layerproof/text.h"

/* The first range that holds an address says what it is. */
struct place {
	uint8_t bytes[16];
	int bits;
	enum address_class class;
	const char *what;
};

static const char METADATA[] = "a cloud metadata address";
static const char LOOPBACK[] = "a loopback address";
static const char PRIVATE[] = "a private address";
static const char LINK_LOCAL[] = "a link-local address";
static const char UNSPECIFIED[] = "an unspecified address";
static const char RESERVED[] = "a reserved address";
static const char DOCUMENTATION[] = "a documentation address";
static const char MULTICAST[] = "a multicast address";
static const char WRAPPED[] = "a wrapped address that is not public";

static const struct place IPV4[] = {
	{{100, 100, 100, 200}, 32, ADDRESS_FORBIDDEN, METADATA}, /* Alibaba Cloud */
	{{168, 63, 129, 16}, 32, ADDRESS_FORBIDDEN, METADATA},   /* Azure */
	{{169, 254, 169, 254}, 32, ADDRESS_FORBIDDEN, METADATA},
	{{0}, 8, ADDRESS_FORBIDDEN, UNSPECIFIED},
	{{10}, 8, ADDRESS_PRIVATE, PRIVATE},
	{{100, 64}, 10, ADDRESS_PRIVATE, PRIVATE},
	{{127}, 8, ADDRESS_LOOPBACK, LOOPBACK},
	{{169, 254}, 16, ADDRESS_FORBIDDEN, LINK_LOCAL},
	{{172, 16}, 12, ADDRESS_PRIVATE, PRIVATE},
	{{192, 0, 0}, 24, ADDRESS_FORBIDDEN, RESERVED}, /* protocol assignments */
	{{192, 0, 2}, 24, ADDRESS_FORBIDDEN, DOCUMENTATION},
	{{192, 88, 99}, 24, ADDRESS_FORBIDDEN, RESERVED}, /* relays of 6to4, given up */
	{{192, 168}, 16, ADDRESS_PRIVATE, PRIVATE},
	{{198, 18}, 15, ADDRESS_FORBIDDEN, "a benchmarking address"},
	{{198, 51, 100}, 24, ADDRESS_FORBIDDEN, DOCUMENTATION},
	{{203, 0, 113}, 24, ADDRESS_FORBIDDEN, DOCUMENTATION},
	{{224}, 4, ADDRESS_FORBIDDEN, MULTICAST},
	{{240}, 4, ADDRESS_FORBIDDEN, RESERVED},
	{{0}, 0, ADDRESS_PUBLIC, "a public address"},
};

/* Nothing outside 2000::/3 is public but the well-known prefix of NAT64, which is told below. */
static const struct place IPV6[] = {
	{{0}, 128, ADDRESS_FORBIDDEN, UNSPECIFIED},
	{{[15] = 1}, 128, ADDRESS_LOOPBACK, LOOPBACK},
	{{0xfd, 0x00, 0x00, 0x42, [15] = 0x42}, 128, ADDRESS_FORBIDDEN, METADATA},       /* Scaleway */
	{{0xfd, 0x00, 0x0e, 0xc2}, 32, ADDRESS_FORBIDDEN, METADATA},                     /* AWS */
	{{0xfd, 0x20, 0x00, 0xce, [14] = 0x02, 0x54}, 128, ADDRESS_FORBIDDEN, METADATA}, /* Google */
	{{0xfc}, 7, ADDRESS_PRIVATE, PRIVATE},
	{{0xfe, 0x80}, 10, ADDRESS_FORBIDDEN, LINK_LOCAL},
	{{0xff}, 8, ADDRESS_FORBIDDEN, MULTICAST},
	{{0x20, 0x01}, 32, ADDRESS_FORBIDDEN, WRAPPED}, /* Teredo, given up */
	{{0x20, 0x01}, 23, ADDRESS_FORBIDDEN, RESERVED},
	{{0x20, 0x01, 0x0d, 0xb8}, 32, ADDRESS_FORBIDDEN, DOCUMENTATION},
	{{0x3f, 0xff}, 20, ADDRESS_FORBIDDEN, DOCUMENTATION},
	{{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, ADDRESS_FORBIDDEN, WRAPPED}, /* RFC 8215 */
	{{0x20}, 3, ADDRESS_PUBLIC, "a public address"},
	{{0}, 0, ADDRESS_FORBIDDEN, RESERVED},
};

/* Whether the first `bits` of both are equal. */
static bool begins_with(const uint8_t *bytes, const uint8_t *prefix, int bits)
{
	size_t whole = (size_t)bits / 8;
	if (memcmp(bytes, prefix, whole) != 0)
		return false;
	int rest = bits % 8;
	return rest == 0 || (bytes[whole] ^ prefix[whole]) >> (8 - rest) == 0;
}

static void take_ipv4(const uint8_t *bytes, struct address *out)
{
	*out = (struct address){.size = 4};
	memcpy(out->bytes, bytes, 4);
}

static void take_ipv6(const uint8_t *bytes, struct address *out)
{
	static const uint8_t mapped[12] = {[10] = 0xff, 0xff};
	if (begins_with(bytes, mapped, 96)) {
		take_ipv4(bytes + 12, out);
		return;
	}
	*out = (struct address){.size = 16};
	memcpy(out->bytes, bytes, 16);
}

bool address_parse(const char *text, struct address *out)
{
	char literal[ADDRESS_TEXT_SIZE] = "";
	uint8_t bytes[16];
	if (inet_pton(AF_INET, text, bytes) == 1) {
		take_ipv4(bytes, out);
		return true;
	}
	bool in_brackets = text[0] == '[';
	text += in_brackets ? 1 : 0;
	size_t size = strcspn(text, in_brackets ? "]%" : "%");
	if (size >= sizeof literal)
		return false;
	memcpy(literal, text, size);
	if (inet_pton(AF_INET6, literal, bytes) != 1)
		return false;
	take_ipv6(bytes, out);
	return true;
}

bool address_of_socket(const struct sockaddr *socket, struct address *out)
{
	if (socket->sa_family == AF_INET)
		take_ipv4((const uint8_t *)&((const struct sockaddr_in *)(const void *)socket)->sin_addr,
				  out);
	else if (socket->sa_family == AF_INET6)
		take_ipv6((const uint8_t *)&((const struct sockaddr_in6 *)(const void *)socket)->sin6_addr,
				  out);
	else
		return false;
	return true;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

void address_write(const struct address *address, char out[static ADDRESS_TEXT_SIZE])
{
	int family = address->size == 4 ? AF_INET : AF_INET6;
	if (inet_ntop(family, address->bytes, out, ADDRESS_TEXT_SIZE) == NULL)
		out[0] = '\0';
}

bool address_begins_with(const struct address *address, const uint8_t *prefix, int bits)
{
	return begins_with(address->bytes, prefix, bits);
}

static const struct place *place_of(const struct address *address)
{
	const struct place *place = address->size == 4 ? IPV4 : IPV6;
	while (!begins_with(address->bytes, place->bytes, place->bits))
		place++;
	return place;
}

/* The IPv4 address that an IPv6 one is translated to: NAT64 (RFC 6052) or 6to4 (RFC 3056). */
static bool unwrap(const struct address *address, struct address *out)
{
	static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
	static const uint8_t six_to_four[2] = {0x20, 0x02};
	if (address->size != 16)
		return false;
	if (begins_with(address->bytes, six_to_four, 16))
		take_ipv4(address->bytes + 2, out);
	else if (begins_with(address->bytes, nat64, 96))
		take_ipv4(address->bytes + 12, out);
	else
		return false;
	return true;
}

enum address_class address_class(const struct address *address, const char **what)
{
	struct address inner;
	bool is_wrapped = unwrap(address, &inner);
	const struct place *place = place_of(is_wrapped ? &inner : address);
	bool is_disguise = is_wrapped && place->class != ADDRESS_PUBLIC;
	*what = is_disguise ? WRAPPED : place->what;
	return is_disguise ? ADDRESS_FORBIDDEN : place->class;
}

bool address_is_localhost(const char *host)
{
	return text_equal_fold(host, "localhost") || text_equal_fold(host, "localhost.") ||
		   text_ends_with(host, ".localhost") || text_ends_with(host, ".localhost.");
}

bool address_is_loopback(const char *host)
{
	struct address address;
	const char *what = NULL;
	if (!address_parse(host, &address))
		return address_is_localhost(host);
	return address_class(&address, &what) == ADDRESS_LOOPBACK;
}
