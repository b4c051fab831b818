#include "reach.h"

struct reach reach_of(const struct url *registry, const struct reach_allowed *allowed)
{
	struct reach reach = {.home = ADDRESS_PUBLIC, .allowed = allowed};
	const char *what = NULL;
	reach.has_literal = address_parse(registry->host, &reach.literal);
	if (reach.has_literal)
		reach.home = address_class(&reach.literal, &what);
	else if (address_is_localhost(registry->host))
		reach.home = ADDRESS_LOOPBACK;
	if (reach.home == ADDRESS_FORBIDDEN)
		reach.home = ADDRESS_PUBLIC;
	return reach;
}

void reach_leave(struct reach *reach)
{
	reach->home = ADDRESS_PUBLIC;
	reach->has_literal = false;
}

bool reach_holds(const struct reach *reach, const struct address *address, const char **what)
{
	enum address_class class = address_class(address, what);
	if (class == ADDRESS_PUBLIC || class == reach->home)
		return true;
	if (reach->has_literal && address_equal(address, &reach->literal))
		return true;
	for (size_t i = 0; i < reach->allowed->count; i++)
		if (address_range_holds(&reach->allowed->ranges[i], address))
			return true;
	return false;
}

/* Where localhost may be: it is never looked up by its name alone. */
static bool holds_localhost(const struct reach *reach)
{
	const struct address ipv4 = {.size = 4, .bytes = {127, 0, 0, 1}};
	const struct address ipv6 = {.size = 16, .bytes = {[15] = 1}};
	const char *what = NULL;
	return reach_holds(reach, &ipv4, &what) || reach_holds(reach, &ipv6, &what);
}

int reach_check_host(const struct reach *reach, const struct url *target, struct error *err)
{
	struct address address;
	const char *what = "a loopback name";
	bool is_held = address_parse(target->host, &address)
					   ? reach_holds(reach, &address, &what)
					   : !address_is_localhost(target->host) || holds_localhost(reach);
	if (is_held)
		return 0;
	return error_set(err, ERROR_UNREACHABLE, "%s is %s", target->host, what);
}
