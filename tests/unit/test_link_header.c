#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "net/link_header.h"

/* `expected` is the target of the next page; NULL: there is none. */
static void check(const char *value, const char *expected)
{
	char *target = NULL;
	assert_int_equal(link_header_next(value, &target), expected != NULL);
	if (expected != NULL)
		assert_string_equal(target, expected);
	free(target);
}

static void test_next(void **state)
{
	(void)state;
	check("</v2/a/tags/list?n=2&last=b>; rel=\"next\"", "/v2/a/tags/list?n=2&last=b");
	check("</a>;rel=next", "/a");
	check("</a> ; REL = \"NEXT\"", "/a");
	check("</a>; rel=\"last next\"", "/a");
	check("<>; rel=next", "");
	check("</a,b;c>; rel=next", "/a,b;c");
	check("</a>; title=\"x, <y>; rel=prev\"; rel=next", "/a");
	check("</a>; title=\"\\\"\"; rel=\"\\n\\e\\x\\t\"", "/a");
	check(" , </p>; rel=prev,</a>; rel=next, </b>; rel=next", "/a");
	check("</a>; crossorigin; rel=next", "/a");
}

static void test_no_next(void **state)
{
	(void)state;
	check("", NULL);
	check(" , ,", NULL);
	check("</a>", NULL);
	check("</a>; rel=prev", NULL);
	check("</a>; rel", NULL);
	check("</a>; rel=prev; rel=next", NULL); /* the first counts */
	check("</a>; rel=\"nextish\"", NULL);
	check("</a>; title=\"rel=next\"", NULL);
	check("</a>; rev=next", NULL);
}

static void test_what_is_no_list_of_links(void **state)
{
	(void)state;
	static const char *const values[] = {
		"/a; rel=next",       "</a",           "</a; rel=next", "</a> rel=next",
		"</a>; title=\"open", "</a>; rel=x y", "x</a>",         "</p>; rel=prev, /a; rel=next",
	};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char *target = NULL;
		assert_int_equal(link_header_next(values[i], &target), -1);
		assert_null(target);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_no_next),
		cmocka_unit_test(test_what_is_no_list_of_links),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
