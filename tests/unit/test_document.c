#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "layerproof/base64.h"
#include "layerproof/document.h"
#include "layerproof/memory.h"

#define INDEX          "\"manifests\":[]"
#define MANIFEST       "\"config\":{},\"layers\":[]"
#define SCHEMA1        "\"schemaVersion\":1,\"fsLayers\":[],\"history\":[]"
#define CONFIG         "\"rootfs\":{},\"config\":{},\"history\":[]"
#define SAYS(type)     "\"mediaType\":\"" type "\","
#define DOCKER_CONFIG  "\"config\":{\"mediaType\":\"" MEDIA_TYPE_DOCKER_CONFIG "\"},\"layers\":[]"
#define AMBIGUOUS_CASE " is there more than once, in upper and lower case"

static void make(struct document *document, const char *body, const char *served)
{
	document_init(document, memory_copy_text(body), strlen(body), served, NULL);
}

struct kind_case {
	const char *served;
	const char *body;
	enum media_kind kind;
	const char *media_type;
};

static const struct kind_case KINDS[] = {
	/* told by the body */
	{NULL, "{" SAYS(MEDIA_TYPE_OCI_INDEX) INDEX "}", MEDIA_INDEX, MEDIA_TYPE_OCI_INDEX},
	{NULL, "{" SAYS(MEDIA_TYPE_DOCKER_LIST) INDEX "}", MEDIA_INDEX, MEDIA_TYPE_DOCKER_LIST},
	{MEDIA_TYPE_OCI_MANIFEST "; charset=utf-8", "{" SAYS(MEDIA_TYPE_OCI_MANIFEST) MANIFEST "}",
	 MEDIA_MANIFEST, MEDIA_TYPE_OCI_MANIFEST},
	{"application/json", "{" SAYS(MEDIA_TYPE_DOCKER_MANIFEST) MANIFEST "}", MEDIA_MANIFEST,
	 MEDIA_TYPE_DOCKER_MANIFEST},
	{"text/plain", "{" SAYS(MEDIA_TYPE_OCI_MANIFEST) "\"config\":{}}", MEDIA_MANIFEST,
	 MEDIA_TYPE_OCI_MANIFEST},
	/* told by the members, and named by the server */
	{MEDIA_TYPE_DOCKER_LIST, "{" INDEX "}", MEDIA_INDEX, MEDIA_TYPE_DOCKER_LIST},
	{MEDIA_TYPE_OCI_MANIFEST, "{" DOCKER_CONFIG "}", MEDIA_MANIFEST, MEDIA_TYPE_OCI_MANIFEST},
	{MEDIA_TYPE_DOCKER_CONFIG, "{" CONFIG "}", MEDIA_CONFIG, MEDIA_TYPE_DOCKER_CONFIG},
	{MEDIA_TYPE_DOCKER_SCHEMA1_SIGNED, "{" SCHEMA1 "}", MEDIA_SCHEMA1,
	 MEDIA_TYPE_DOCKER_SCHEMA1_SIGNED},
	/* told and named by the members alone */
	{"application/octet-stream", "{" INDEX "}", MEDIA_INDEX, MEDIA_TYPE_OCI_INDEX},
	{NULL, "{" MANIFEST "}", MEDIA_MANIFEST, MEDIA_TYPE_OCI_MANIFEST},
	{NULL, "{" DOCKER_CONFIG "}", MEDIA_MANIFEST, MEDIA_TYPE_DOCKER_MANIFEST},
	{NULL, "{" SCHEMA1 "}", MEDIA_SCHEMA1, MEDIA_TYPE_DOCKER_SCHEMA1},
	{NULL, "{" SCHEMA1 ",\"signatures\":[]}", MEDIA_SCHEMA1, MEDIA_TYPE_DOCKER_SCHEMA1_SIGNED},
	{NULL, "{" CONFIG "}", MEDIA_CONFIG, MEDIA_TYPE_OCI_CONFIG},
	/* a type that is not known here does not hide what the members tell */
	{NULL, "{" SAYS("x/y") MANIFEST "}", MEDIA_MANIFEST, MEDIA_TYPE_OCI_MANIFEST},
};

static void test_tells_what_the_bytes_are(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
		struct document document CLEANUP(document_clear);
		struct error err = ERROR_INIT;
		enum media_kind kind = MEDIA_OTHER;
		char *media_type CLEANUP(free_at) = NULL;
		make(&document, KINDS[i].body, KINDS[i].served);
		if (document_identify(&document, &kind, &media_type, NULL, &err) != 0)
			fail_msg("%s: %s", KINDS[i].body, err.text);
		assert_int_equal(kind, KINDS[i].kind);
		assert_string_equal(media_type, KINDS[i].media_type);
	}
}

struct refused_case {
	const char *served;
	const char *body;
	enum error_code code;
	const char *reason;
};

static const struct refused_case REFUSED[] = {
	{NULL, "", ERROR_MALFORMED, "document: line 1 column 0: unexpected token near end of file"},
	{NULL, "{\"a\":1,\"a\":2}", ERROR_MALFORMED,
	 "document: line 1 column 10: duplicate object key near '\"a\"'"},
	{NULL, "[]", ERROR_UNSUPPORTED, "document: JSON, but not an object"},
	{NULL, "{}", ERROR_UNSUPPORTED,
	 "document: neither an index nor a manifest nor an image configuration"},
	{NULL, "{\"config\":{},\"history\":[]}", ERROR_UNSUPPORTED,
	 "document: neither an index nor a manifest nor an image configuration"},
	{NULL, "{" SAYS("application/vnd.oci.artifact.manifest.v1+json") "\"blobs\":[]}",
	 ERROR_UNSUPPORTED, "document: neither an index nor a manifest nor an image configuration"},
	{NULL, "{\"Layers\":[]}", ERROR_UNSUPPORTED,
	 "document: neither an index nor a manifest nor an image configuration"},
	{NULL, "{\"mediaType\":1," INDEX "}", ERROR_MALFORMED, "document: mediaType: not a string"},
	/* two readers could take these for two things */
	{NULL, "{" INDEX "," MANIFEST "}", ERROR_MALFORMED,
	 "document: ambiguous: an index that has \"layers\""},
	{NULL, "{" INDEX ",\"Layers\":[]}", ERROR_MALFORMED,
	 "document: ambiguous: an index that has \"layers\""},
	{NULL, "{" INDEX ",\"CONFIG\":{}}", ERROR_MALFORMED,
	 "document: ambiguous: an index that has \"config\""},
	{NULL, "{" INDEX ",\"fslayers\":[]}", ERROR_MALFORMED,
	 "document: ambiguous: an index that has \"fsLayers\""},
	{NULL, "{" INDEX ",\"history\":[]}", ERROR_MALFORMED,
	 "document: ambiguous: an index that has \"history\""},
	{NULL, "{" MANIFEST ",\"Manifests\":null}", ERROR_MALFORMED,
	 "document: ambiguous: a manifest that has \"manifests\""},
	{NULL, "{" MANIFEST ",\"history\":[]}", ERROR_MALFORMED,
	 "document: ambiguous: a manifest that has \"history\""},
	{NULL, "{" MANIFEST ",\"rootfs\":{}}", ERROR_MALFORMED,
	 "document: ambiguous: a manifest that has \"rootfs\""},
	{NULL, "{" SCHEMA1 ",\"layers\":[]}", ERROR_MALFORMED,
	 "document: ambiguous: a manifest that has \"fsLayers\""},
	{NULL, "{" SCHEMA1 ",\"config\":{}}", ERROR_MALFORMED,
	 "document: ambiguous: a schema 1 manifest that has \"config\""},
	{NULL, "{" CONFIG ",\"manifests\":[]}", ERROR_MALFORMED,
	 "document: ambiguous: an index that has \"rootfs\""},
	{NULL, "{" SAYS(MEDIA_TYPE_OCI_INDEX) "\"layers\":[]}", ERROR_MALFORMED,
	 "document: ambiguous: an index that has \"layers\""},
	{NULL, "{" SAYS(MEDIA_TYPE_OCI_MANIFEST) INDEX "}", ERROR_MALFORMED,
	 "document: ambiguous: a manifest that has \"manifests\""},
	{NULL, "{" MANIFEST ",\"LAYERS\":[]}", ERROR_MALFORMED, "document: \"layers\"" AMBIGUOUS_CASE},
	{NULL, "{" MANIFEST ",\"mediaType\":\"a/b\",\"mediatype\":\"c/d\"}", ERROR_MALFORMED,
	 "document: \"mediaType\"" AMBIGUOUS_CASE},
	/* served as another thing than it is */
	{MEDIA_TYPE_OCI_MANIFEST, "{" SAYS(MEDIA_TYPE_OCI_INDEX) INDEX "}", ERROR_MALFORMED,
	 "document: served as \"" MEDIA_TYPE_OCI_MANIFEST
	 "\", but its mediaType is \"" MEDIA_TYPE_OCI_INDEX "\""},
	{MEDIA_TYPE_DOCKER_MANIFEST, "{" SAYS(MEDIA_TYPE_OCI_MANIFEST) MANIFEST "}", ERROR_MALFORMED,
	 "document: served as \"" MEDIA_TYPE_DOCKER_MANIFEST
	 "\", but its mediaType is \"" MEDIA_TYPE_OCI_MANIFEST "\""},
	{MEDIA_TYPE_OCI_MANIFEST, "{" INDEX "}", ERROR_MALFORMED,
	 "document: served as \"" MEDIA_TYPE_OCI_MANIFEST "\", but it has the members of an index"},
	{MEDIA_TYPE_OCI_MANIFEST, "{" CONFIG "}", ERROR_MALFORMED,
	 "document: served as \"" MEDIA_TYPE_OCI_MANIFEST
	 "\", but it has the members of an image configuration"},
};

static void test_refuses_what_could_be_read_two_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++) {
		struct document document CLEANUP(document_clear);
		struct error err = ERROR_INIT;
		enum media_kind kind = MEDIA_OTHER;
		char *media_type = NULL;
		make(&document, REFUSED[i].body, REFUSED[i].served);
		if (document_identify(&document, &kind, &media_type, NULL, &err) == 0)
			fail_msg("accepted: %s", REFUSED[i].body);
		assert_string_equal(err.text, REFUSED[i].reason);
		assert_int_equal(err.code, REFUSED[i].code);
		assert_int_equal(kind, MEDIA_OTHER);
		assert_null(media_type);
	}
}

static void test_keeps_the_bytes_and_hashes_them(void **state)
{
	(void)state;
	static const char body[] = "{" INDEX "}";
	struct digest sha256;
	struct document document CLEANUP(document_clear);
	digest_of(DIGEST_SHA256, body, strlen(body), &sha256);
	make(&document, body, "a/b");
	assert_string_equal(document.bytes, body);
	assert_int_equal(document.size, strlen(body));
	assert_string_equal(document.media_type, "a/b");
	assert_true(digest_equal(&document.digest, &sha256));
	assert_true(digest_equal(&document.digest_sha256, &sha256));
	assert_false(digest_is_set(&document.digest_header));
}

static void test_hashes_in_the_algorithm_that_was_asked(void **state)
{
	(void)state;
	static const char body[] = "{" INDEX "}";
	struct digest asked = {.algorithm = DIGEST_SHA512};
	struct digest sha256;
	struct digest sha512;
	struct document document CLEANUP(document_clear);
	digest_of(DIGEST_SHA256, body, strlen(body), &sha256);
	digest_of(DIGEST_SHA512, body, strlen(body), &sha512);
	document_init(&document, memory_copy_text(body), strlen(body), NULL, &asked);
	assert_null(document.media_type);
	assert_true(digest_equal(&document.digest, &sha512));
	assert_true(digest_equal(&document.digest_sha256, &sha256));
}

static void test_puts_a_nul_behind_bytes_that_have_none(void **state)
{
	(void)state;
	struct document document CLEANUP(document_clear);
	char *bytes = memory_alloc(2, 1);
	memcpy(bytes, "{}", 2);
	document_init(&document, bytes, 2, NULL, NULL);
	assert_string_equal(document.bytes, "{}");
	struct document empty CLEANUP(document_clear);
	document_init(&empty, NULL, 0, NULL, NULL);
	assert_string_equal(empty.bytes, "");
}

/* One signature of a schema 1 manifest as libtrust writes it. */
static char *signature(size_t length, const char *tail)
{
	char tail64[BASE64_ENCODED_ROOM(400)];
	char header64[BASE64_ENCODED_ROOM(700)];
	base64_encode(BASE64_URL, tail, strlen(tail), tail64);
	char *header CLEANUP(free_at) = memory_format("{\"formatLength\":%zu,\"formatTail\":\"%s\"}",
												  length, tail64);
	base64_encode(BASE64_URL, header, strlen(header), header64);
	return memory_format("{\"signature\":\"c2ln\",\"protected\":\"%s\"}", header64);
}

#define PAYLOAD_HEAD "{\n   \"schemaVersion\": 1,\n   \"fsLayers\": [],\n   \"history\": []"
#define PAYLOAD_TAIL "\n}"

enum { HEAD_LENGTH = sizeof(PAYLOAD_HEAD) - 1 };

/* Whether the document made of these parts hashes to `payload` rather than to its raw bytes. */
static bool hashes_to(const char *payload, const char *head, const char *signatures,
					  const char *rest)
{
	struct digest of_payload;
	struct digest of_body;
	struct document document CLEANUP(document_clear);
	char *body CLEANUP(free_at) = memory_format("%s,\n   \"signatures\": [%s]%s\n}", head,
												signatures, rest);
	digest_of(DIGEST_SHA256, payload, strlen(payload), &of_payload);
	digest_of(DIGEST_SHA256, body, strlen(body), &of_body);
	make(&document, body, MEDIA_TYPE_DOCKER_SCHEMA1_SIGNED);
	bool is_payload = digest_equal(&document.digest_sha256, &of_payload);
	if (!is_payload)
		assert_true(digest_equal(&document.digest_sha256, &of_body));
	return is_payload;
}

static void test_schema1_hashes_without_its_signatures(void **state)
{
	(void)state;
	char *one CLEANUP(free_at) = signature(HEAD_LENGTH, PAYLOAD_TAIL);
	char *two CLEANUP(free_at) = memory_format("%s, %s", one, one);
	assert_true(hashes_to(PAYLOAD_HEAD PAYLOAD_TAIL, PAYLOAD_HEAD, one, ""));
	assert_true(hashes_to(PAYLOAD_HEAD PAYLOAD_TAIL, PAYLOAD_HEAD, two, ""));
}

static void test_signatures_that_disagree_settle_nothing(void **state)
{
	(void)state;
	char *one CLEANUP(free_at) = signature(HEAD_LENGTH, PAYLOAD_TAIL);
	char *other CLEANUP(free_at) = signature(HEAD_LENGTH, "}");
	char *both CLEANUP(free_at) = memory_format("%s, %s", one, other);
	assert_false(hashes_to(PAYLOAD_HEAD PAYLOAD_TAIL, PAYLOAD_HEAD, both, ""));
	assert_false(hashes_to(PAYLOAD_HEAD PAYLOAD_TAIL, PAYLOAD_HEAD, "", ""));
}

/* A stranger who has the JSON of an image of ours could otherwise serve anything under its digest.
 */
static void test_the_header_cannot_choose_what_is_hashed(void **state)
{
	(void)state;
	static const char ours[] = "{\"config\":{},\"layers\":[]}";
	char *all_tail CLEANUP(free_at) = signature(0, ours);
	assert_false(hashes_to(ours, PAYLOAD_HEAD, all_tail, ""));

	static const char more_tail[] = ",\"tag\":\"x\"}";
	char *longer CLEANUP(free_at) = signature(HEAD_LENGTH, more_tail);
	assert_false(hashes_to(PAYLOAD_HEAD ",\"tag\":\"x\"}", PAYLOAD_HEAD, longer, ""));

	char *good CLEANUP(free_at) = signature(HEAD_LENGTH, PAYLOAD_TAIL);
	assert_false(hashes_to(PAYLOAD_HEAD PAYLOAD_TAIL, PAYLOAD_HEAD, good, ",\"name\":\"x\""));

	char *past_end CLEANUP(free_at) = signature(1U << 30, PAYLOAD_TAIL);
	assert_false(hashes_to(PAYLOAD_HEAD PAYLOAD_TAIL, PAYLOAD_HEAD, past_end, ""));

	char *cut_short CLEANUP(free_at) = signature(HEAD_LENGTH - 1, PAYLOAD_TAIL);
	assert_false(hashes_to(PAYLOAD_HEAD PAYLOAD_TAIL, PAYLOAD_HEAD, cut_short, ""));
}

static void test_only_schema1_has_a_payload(void **state)
{
	(void)state;
	static const char head[] = "{\"config\":{},\"layers\":[]";
	char *good CLEANUP(free_at) = signature(strlen(head), "}");
	assert_false(hashes_to("{\"config\":{},\"layers\":[]}", head, good, ""));
	assert_false(hashes_to("{\"config\":{},\"layers\":[]}", head, good, ",\"fsLayers\":[]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tells_what_the_bytes_are),
		cmocka_unit_test(test_refuses_what_could_be_read_two_ways),
		cmocka_unit_test(test_keeps_the_bytes_and_hashes_them),
		cmocka_unit_test(test_hashes_in_the_algorithm_that_was_asked),
		cmocka_unit_test(test_puts_a_nul_behind_bytes_that_have_none),
		cmocka_unit_test(test_schema1_hashes_without_its_signatures),
		cmocka_unit_test(test_signatures_that_disagree_settle_nothing),
		cmocka_unit_test(test_the_header_cannot_choose_what_is_hashed),
		cmocka_unit_test(test_only_schema1_has_a_payload),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
