#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "index_fixture.h"
#include "layerproof/assessment.h"
#include "layerproof/check.h"
#include "layerproof/import.h"
#include "layerproof/limits.h"
#include "layerproof/origin.h"

/* The pipeline from candidates to findings, over the layouts of fixtures/images and an index of the
 * export that belongs to them. No registry is asked. */

enum { CANDIDATES = 64, COPIES = 6 };

/* ---- fixtures/candidates.tsv ---- */

static char table[65536];
static struct row {
	const char *tag;
	const char *verdict;
	const char *manifest_reason; /* at depth manifest */
	const char *decisive_reason; /* at depth decisive */
} rows[CANDIDATES];
static size_t row_count;

/* The last of several reasons is the one of the most exact version; names are not weighed yet. */
static const char *one_reason(char *reasons)
{
	char *blank = strrchr(reasons, ' ');
	const char *last = blank == NULL ? reasons : blank + 1;
	return strcmp(last, "names_only") == 0 ? "no_match" : last;
}

static void read_table(void)
{
	FILE *file = fopen("fixtures/candidates.tsv", "re");
	assert_non_null(file);
	table[fread(table, 1, sizeof(table) - 1, file)] = '\0';
	fclose(file);
	row_count = 0;
	char *rest = NULL;
	for (char *line = strtok_r(table, "\n", &rest); line != NULL;
		 line = strtok_r(NULL, "\n", &rest)) {
		if (*line == '#')
			continue;
		char *cell = line;
		assert_true(row_count < CANDIDATES);
		struct row *row = &rows[row_count++];
		row->tag = strsep(&cell, "\t");
		strsep(&cell, "\t");
		row->verdict = strsep(&cell, "\t");
		row->manifest_reason = one_reason(strsep(&cell, "\t"));
		row->decisive_reason = one_reason(strsep(&cell, "\t"));
	}
	assert_true(row_count > 15);
}

/* ---- The index ---- */

static int take_image(void *context, const struct internal_image *image, bool has_origin,
					  struct error *err)
{
	const struct origin_patterns none = {.ours = NULL};
	struct internal_image complete = *image;
	const char *why;
	(void)err;
	complete.source = (char *)(uintptr_t) "images.csv";
	if (!has_origin)
		complete.origin = origin_of_name(&none, image->name, &why);
	index_batch_add(context, &complete);
	return 0;
}

static int take_refusal(void *context, const struct import_refusal *refusal, struct error *err)
{
	(void)context;
	(void)err;
	fail_msg("line %llu: %s", (unsigned long long)refusal->line, refusal->reason);
	return -1;
}

static struct index *import_fixture(void)
{
	struct error err = ERROR_INIT;
	struct import_summary summary;
	struct index_outcome outcome;
	struct index_batch *batch = index_batch_new(0);
	const struct import_options how = {.file = "images.csv"};
	const struct import_sink sink = {
		.image = take_image, .refusal = take_refusal, .context = batch};
	struct reader *file = reader_open("fixtures/exports/images.csv", &err);
	assert_non_null(file);
	if (import_read(file, &how, &sink, &summary, &err) != 0)
		fail_msg("%s", err.text);
	reader_close(file);
	struct index *index = open_index(INDEX_WRITE);
	if (index_commit(index, batch, NULL, &outcome, &err) != 0)
		fail_msg("%s", err.text);
	index_batch_free(batch);
	return index;
}

/* ---- A run ---- */

struct lines_given {
	const char *const *at; /* NULL behind the last */
	int copies;            /* each line is given so often in a row */
	int given;
	bool fails; /* an error stands behind the last line */
};

static int next_line(void *context, const char **line, size_t *size, bool *is_long,
					 struct error *err)
{
	struct lines_given *lines = context;
	if (*lines->at == NULL && lines->fails)
		return error_set(err, ERROR_SYSTEM, "standard input: Input/output error");
	if (*lines->at == NULL)
		return 0;
	*line = *lines->at;
	*size = strlen(*line);
	*is_long = strcmp(*line, "long") == 0;
	if (++lines->given % lines->copies == 0)
		lines->at++;
	return 1;
}

struct outcome {
	int result;
	struct error error;
	struct check_totals totals;
	char *text; /* what was written; freed by clear_outcome() */
};

static void run(struct index *index, const struct check_options *options, enum depth depth,
				struct lines_given lines, int output, struct outcome *out)
{
	const struct assessor_options assess = {.index = index, .depth = depth};
	struct assessor *assessor = assessor_new(&assess);
	struct candidate_input input = {.next = next_line, .context = &lines};
	*out = (struct outcome){.error = ERROR_INIT};
	out->result = check_run(assessor, options, &input, output, &out->totals, &out->error);
	assessor_free(assessor);
}

static void run_to_text(struct index *index, const struct check_options *options, enum depth depth,
						struct lines_given lines, struct outcome *out)
{
	int file = open(directory, O_TMPFILE | O_RDWR, 0600);
	assert_true(file >= 0);
	run(index, options, depth, lines, file, out);
	off_t size = lseek(file, 0, SEEK_END);
	out->text = memory_alloc((size_t)size + 1, 1);
	assert_int_equal(pread(file, out->text, (size_t)size, 0), size);
	close(file);
}

/* Each line of `text` as JSON; returns how many. */
static size_t parse_findings(const char *text, json_t **out, size_t capacity)
{
	CLEANUP(free_at) char *copy = memory_copy_text(text);
	char *rest = NULL;
	size_t count = 0;
	for (char *line = strtok_r(copy, "\n", &rest); line != NULL;
		 line = strtok_r(NULL, "\n", &rest)) {
		assert_true(count < capacity);
		out[count] = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(out[count]);
		count++;
	}
	return count;
}

static const char *member(const json_t *finding, const char *name)
{
	const char *text = json_string_value(json_object_get(finding, name));
	return text == NULL ? "(none)" : text;
}

static char candidates[CANDIDATES][128];
static const char *candidate_lines[CANDIDATES + 1];

static void name_candidates(void)
{
	for (size_t i = 0; i < row_count; i++) {
		snprintf(candidates[i], sizeof(candidates[i]), "oci:fixtures/images/public:%s",
				 rows[i].tag);
		candidate_lines[i] = candidates[i];
	}
	candidate_lines[row_count] = NULL;
}

/* ---- Verdicts ---- */

static void check_verdicts(enum depth depth, unsigned jobs)
{
	const struct check_options options = {.jobs = jobs, .is_ordered = true};
	struct index *index = import_fixture();
	struct outcome outcome;
	json_t *findings[CANDIDATES];
	run_to_text(index, &options, depth, (struct lines_given){.at = candidate_lines, .copies = 1},
				&outcome);
	if (outcome.result != 0)
		fail_msg("%s", outcome.error.text);
	assert_int_equal(parse_findings(outcome.text, findings, CANDIDATES), row_count);
	for (size_t i = 0; i < row_count; i++) {
		const char *reason = depth == DEPTH_MANIFEST ? rows[i].manifest_reason
													 : rows[i].decisive_reason;
		assert_string_equal(member(findings[i], "input"), candidates[i]);
		if (strcmp(member(findings[i], "reason"), reason) != 0)
			fail_msg("%s: %s, expected %s", rows[i].tag, member(findings[i], "reason"), reason);
		if (depth != DEPTH_MANIFEST)
			assert_string_equal(member(findings[i], "verdict"), rows[i].verdict);
		json_decref(findings[i]);
	}
	assert_int_equal(outcome.totals.candidates, row_count);
	assert_int_equal(outcome.totals.incomplete, 0);
	free(outcome.text);
	index_close(index);
}

static void test_depth_manifest(void **state)
{
	(void)state;
	check_verdicts(DEPTH_MANIFEST, 1);
}

static void test_depth_decisive(void **state)
{
	(void)state;
	check_verdicts(DEPTH_DECISIVE, 1);
}

static void test_depth_full(void **state)
{
	(void)state;
	check_verdicts(DEPTH_FULL, 1);
}

static void test_sixteen_jobs(void **state)
{
	(void)state;
	check_verdicts(DEPTH_MANIFEST, 16);
	check_verdicts(DEPTH_DECISIVE, 16);
	check_verdicts(DEPTH_FULL, 16);
}

/* ---- Any number of jobs, the same findings ---- */

static int compare_lines(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Sorts the lines of a text in place of it. */
static char *sort_lines(char *text)
{
	const char *lines[CANDIDATES * COPIES];
	struct buffer out = BUFFER_INIT(LIMIT_FINDING_SIZE);
	struct error err = ERROR_INIT;
	size_t count = 0;
	char *rest = NULL;
	for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		lines[count++] = line;
	qsort(lines, count, sizeof(lines[0]), compare_lines);
	for (size_t i = 0; i < count; i++)
		buffer_add_format(&out, &err, "%s\n", lines[i]);
	assert_int_equal(err.code, ERROR_NONE);
	return buffer_steal(&out);
}

static void test_equal_bytes_whatever_the_jobs(void **state)
{
	static const struct {
		unsigned jobs;
		bool is_ordered;
	} ways[] = {{16, true}, {4, true}, {16, false}, {1, false}};
	const struct check_options plain = {.jobs = 1, .is_ordered = true, .reproducible = true};
	const struct lines_given lines = {.at = candidate_lines, .copies = COPIES};
	struct index *index = import_fixture();
	struct outcome first;
	(void)state;
	run_to_text(index, &plain, DEPTH_DECISIVE, lines, &first);
	assert_int_equal(first.result, 0);
	assert_int_equal(first.totals.candidates, row_count * COPIES);
	CLEANUP(free_at) char *copy = memory_copy_text(first.text);
	CLEANUP(free_at) char *sorted = sort_lines(copy);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const struct check_options options = {
			.jobs = ways[i].jobs, .is_ordered = ways[i].is_ordered, .reproducible = true};
		struct outcome again;
		run_to_text(index, &options, DEPTH_DECISIVE, lines, &again);
		assert_int_equal(again.result, 0);
		again.totals.layer_bytes = first.totals.layer_bytes; /* a cost: two may read one layer */
		assert_memory_equal(&again.totals, &first.totals, sizeof(first.totals));
		if (ways[i].is_ordered)
			assert_string_equal(again.text, first.text);
		CLEANUP(free_at) char *sorted_again = sort_lines(again.text);
		assert_string_equal(sorted_again, sorted);
		free(again.text);
	}
	free(first.text);
	index_close(index);
}

/* ---- Whatever fails, one finding for each ---- */

static void test_every_candidate_gives_one_finding(void **state)
{
	static const char *const given[] = {
		"oci:fixtures/images/public:exact-copy",
		"",
		"# a comment",
		"oci:fixtures/images/public:not-there",
		"Not A Reference",
		"oci:fixtures/no-such-layout:x",
		"{\"ref\":\"oci:fixtures/images/public:unrelated\",\"term\":\"radar\"}",
		"{\"ref\":",
		"long",
		NULL,
	};
	static const char *const reasons[] = {"manifest", "not_found",     "bad_reference", "not_found",
										  "no_match", "bad_reference", "bad_reference"};
	const struct check_options options = {.jobs = 3, .is_ordered = true};
	struct outcome outcome;
	json_t *findings[CANDIDATES];
	(void)state;
	struct index *index = import_fixture();
	run_to_text(index, &options, DEPTH_MANIFEST, (struct lines_given){.at = given, .copies = 1},
				&outcome);
	assert_int_equal(outcome.result, 0);
	assert_int_equal(parse_findings(outcome.text, findings, CANDIDATES), 7);
	for (size_t i = 0; i < 7; i++) {
		assert_string_equal(member(findings[i], "reason"), reasons[i]);
		json_decref(findings[i]);
	}
	assert_int_equal(outcome.totals.candidates, 7);
	assert_int_equal(outcome.totals.true_positives, 1);
	assert_int_equal(outcome.totals.needs_review, 6);
	assert_int_equal(outcome.totals.incomplete, 3); /* not there is an answer */
	free(outcome.text);
	index_close(index);
}

static void test_nothing_in_nothing_out(void **state)
{
	static const char *const none[] = {NULL};
	const struct check_options options = {.jobs = 16};
	struct outcome outcome;
	(void)state;
	run_to_text(NULL, &options, DEPTH_FULL, (struct lines_given){.at = none, .copies = 1},
				&outcome);
	assert_int_equal(outcome.result, 0);
	assert_string_equal(outcome.text, "");
	assert_int_equal(outcome.totals.candidates, 0);
	free(outcome.text);
}

static void test_without_an_index_nothing_matches(void **state)
{
	const struct check_options options = {.jobs = 4};
	struct outcome outcome;
	(void)state;
	run_to_text(NULL, &options, DEPTH_MANIFEST,
				(struct lines_given){.at = candidate_lines, .copies = 1}, &outcome);
	assert_int_equal(outcome.result, 0);
	assert_int_equal(outcome.totals.candidates, row_count);
	assert_int_equal(outcome.totals.true_positives, 0);
	free(outcome.text);
}

/* What was read before the input broke has its findings. */
static void test_the_input_breaks(void **state)
{
	static const char *const given[] = {"oci:fixtures/images/public:unrelated", NULL};
	const struct check_options options = {.jobs = 2};
	struct outcome outcome;
	json_t *findings[2];
	(void)state;
	run_to_text(NULL, &options, DEPTH_MANIFEST,
				(struct lines_given){.at = given, .copies = 1, .fails = true}, &outcome);
	assert_int_equal(outcome.result, -1);
	assert_int_equal(outcome.error.code, ERROR_SYSTEM);
	assert_string_equal(outcome.error.text, "standard input: Input/output error");
	assert_int_equal(parse_findings(outcome.text, findings, 2), 1);
	assert_int_equal(outcome.totals.candidates, 1);
	json_decref(findings[0]);
	free(outcome.text);
}

static void check_broken_output(int output, bool is_ordered, enum error_code code, const char *text)
{
	const struct check_options options = {.jobs = 4, .is_ordered = is_ordered};
	struct outcome outcome;
	run(NULL, &options, DEPTH_MANIFEST,
		(struct lines_given){.at = candidate_lines, .copies = COPIES * 200}, output, &outcome);
	assert_int_equal(outcome.result, -1);
	assert_int_equal(outcome.error.code, code);
	assert_string_equal(outcome.error.text, text);
	/* It did not go on to the end. */
	assert_true(outcome.totals.candidates < row_count * COPIES * 100);
}

static void test_the_output_breaks(void **state)
{
	int ends[2];
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	check_broken_output(ends[1], true, ERROR_INTERRUPTED, "standard output: Broken pipe");
	check_broken_output(ends[1], false, ERROR_INTERRUPTED, "standard output: Broken pipe");
	close(ends[1]);
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_true(full >= 0);
	check_broken_output(full, true, ERROR_SYSTEM, "standard output: No space left on device");
	close(full);
}

static void test_the_table_has_a_line_for_each(void **state)
{
	const struct check_options options = {.jobs = 8, .is_ordered = true, .format = CHECK_TABLE};
	struct outcome outcome;
	size_t lines = 0;
	(void)state;
	struct index *index = import_fixture();
	run_to_text(index, &options, DEPTH_MANIFEST,
				(struct lines_given){.at = candidate_lines, .copies = COPIES}, &outcome);
	assert_int_equal(outcome.result, 0);
	for (const char *at = outcome.text; *at != '\0'; at++)
		lines += *at == '\n';
	assert_int_equal(lines, row_count * COPIES);
	free(outcome.text);
	index_close(index);
}

static int set_up_all(void **state)
{
	(void)state;
	read_table();
	name_candidates();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_depth_manifest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_depth_decisive, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_depth_full, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sixteen_jobs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_equal_bytes_whatever_the_jobs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_every_candidate_gives_one_finding, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nothing_in_nothing_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_without_an_index_nothing_matches, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_input_breaks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_output_breaks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_table_has_a_line_for_each, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, set_up_all, NULL);
}
