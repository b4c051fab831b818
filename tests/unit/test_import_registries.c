/* The formats of registries and of the scanners of clouds; whole exports are in tests/cli. */
#include "import_recorder.h"

#include <stdlib.h>

static void assert_cases(const struct import_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert_import_case(&cases[i]);
	}
}

#define ASSERT_CASES(cases) assert_cases(cases, sizeof(cases) / sizeof((cases)[0]))

#define ECR(rest)      "{\"registryId\":\"1\",\"repositoryName\":\"a\",\"imageDigest\":\"$1\"" rest "}"
#define ECR_TYPE(type) "\"imageManifestMediaType\":\"application/vnd." type "\""

static void ecr_tells_kinds_by_media_types(void **state)
{
	static const struct import_case cases[] = {
		{"{\"imageDetails\":[" ECR(
			 ",\"imageTags\":[\"2\",\"3\"]," ECR_TYPE("oci.image.index.v1+json")) "]}",
		 "1 \"a:2\" index=1\n",
		 {NULL}},
		{"[" ECR("," ECR_TYPE("docker.distribution.manifest.v2+json")) "]",
		 "1 \"a\" manifest=1\n",
		 {NULL}},
		{"[" ECR("") "]", "1 \"a\" image=1\n", {NULL}},
		{"[" ECR("," ECR_TYPE("in-toto+json")) "]",
		 "1 passed over: line 1: media_type: application/vnd.in-toto+json\n",
		 {NULL}},
		{"[" ECR(",\"artifactMediaType\":\"application/vnd.cncf.helm.config.v1+json\"") "]",
		 "1 passed over: line 1: artifactMediaType: application/vnd.cncf.helm.config.v1+json\n",
		 {NULL}},
		{"[" ECR(",\"subjectManifestDigest\":\"$2\"") "]",
		 "1 passed over: line 1: subjectManifestDigest: "
		 "sha256:2222222222222222222222222222222222222222222222222222222222222222\n",
		 {NULL}},
		{"[" ECR(
			 ",\"imageScanFindingsSummary\":{\"findingSeverityCounts\":{\"HIGH\":2,\"CRITICAL\":0,"
			 "\"UNDEFINED\":9}}") "]",
		 "1 \"a\" image=1 app=high\n",
		 {NULL}},
	};
	(void)state;
	ASSERT_CASES(cases);
}

#define FINDING(severity, status, packages, resources)                                             \
	"{\"findingArn\":\"f\",\"awsAccountId\":\"1\",\"severity\":\"" severity                        \
	"\",\"status\":\"" status                                                                      \
	"\",\"packageVulnerabilityDetails\":{\"vulnerablePackages\":[" packages                        \
	"]},\"resources\":[" resources "]}"
#define PACKAGE(manager, layer)                                                                    \
	"{\"packageManager\":\"" manager "\",\"sourceLayerHash\":\"" layer "\"}"
#define ECR_IMAGE                                                                                  \
	"{\"type\":\"AWS_ECR_CONTAINER_IMAGE\",\"id\":\"arn:aws:ecr:eu-west-1:1:repository/a/b/$1\"}"
#define ECR_NAME "\"1.dkr.ecr.eu-west-1.amazonaws.com/a/b\""

static void inspector_attributes_severities_to_layers(void **state)
{
	static const struct import_case cases[] = {
		{FINDING("MEDIUM", "ACTIVE", PACKAGE("OS", "$2") "," PACKAGE("PIP", "$3"), ECR_IMAGE)
			 FINDING("LOW", "ACTIVE", PACKAGE("OS", "$2"), ECR_IMAGE)
				 FINDING("HIGH", "ACTIVE", PACKAGE("NODEPKG", "$2"), ECR_IMAGE),
		 "1 " ECR_NAME
		 " image=1 layer=2 layer=3 os=medium app=high 2:os=medium:app=high 3:app=medium\n",
		 {NULL}},
		/* What is closed is no longer true; the layer is. */
		{FINDING("CRITICAL", "CLOSED", PACKAGE("OS", "$2"), ECR_IMAGE),
		 "1 " ECR_NAME " image=1 layer=2\n",
		 {NULL}},
		{FINDING("CRITICAL", "ACTIVE", "", ECR_IMAGE),
		 "1 " ECR_NAME " image=1 app=critical\n",
		 {NULL}},
		{FINDING("UNTRIAGED", "ACTIVE", PACKAGE("OS", "$2"), ECR_IMAGE),
		 "1 " ECR_NAME " image=1 layer=2\n",
		 {NULL}},
		{FINDING("LOW", "ACTIVE", PACKAGE("OS", "x"), ECR_IMAGE),
		 "1 refused: line 1: packageVulnerabilityDetails.vulnerablePackages.sourceLayerHash: "
		 "a sha256 digest has 64 hexadecimal digits, not 1\n",
		 {NULL}},
	};
	(void)state;
	ASSERT_CASES(cases);
}

static void inspector_takes_images_alone(void **state)
{
	static const struct import_case cases[] = {
		{FINDING("LOW", "ACTIVE", "", "{\"type\":\"AWS_EC2_INSTANCE\",\"id\":\"i-1\"}"),
		 "1 passed over: line 1: type: AWS_EC2_INSTANCE\n",
		 {NULL}},
		{FINDING("LOW", "ACTIVE", "", "{\"id\":\"i-1\"}"),
		 "1 passed over: line 1: type: no container image\n",
		 {NULL}},
		{FINDING("LOW", "ACTIVE", "", "{\"type\":\"AWS_ECR_CONTAINER_IMAGE\",\"id\":\"x\"}"),
		 "1 refused: line 1: no digest\n",
		 {NULL}},
		{FINDING("LOW", "ACTIVE", "",
				 "{\"type\":\"ANY\",\"details\":{\"image\":{\"registry\":\"r.example\","
				 "\"repositoryName\":\"a\",\"imageTags\":[\"1\"],\"imageDigest\":\"%1\"}}}"),
		 "1 \"r.example/a:1\" image=1 app=low\n",
		 {NULL}},
		/* An ARN of a repository, of another service, or cut short, names no registry. */
		{FINDING(
			 "LOW", "ACTIVE", "",
			 "{\"type\":\"AWS_ECR_CONTAINER_IMAGE\",\"id\":\"arn:aws:ec2:r:1:repository/a/$1\"}"),
		 "1 refused: line 1: no digest\n",
		 {NULL}},
		{FINDING("LOW", "ACTIVE", "",
				 "{\"type\":\"AWS_ECR_CONTAINER_IMAGE\",\"id\":\"arn:aws:ecr:r:1:repository/a\"}"),
		 "1 refused: line 1: no digest\n",
		 {NULL}},
		{FINDING("LOW", "ACTIVE", "",
				 "{\"type\":\"AWS_ECR_CONTAINER_IMAGE\",\"id\":\"arn:aws:ecr:r\"}"),
		 "1 refused: line 1: no digest\n",
		 {NULL}},
	};
	(void)state;
	ASSERT_CASES(cases);
}

#define ASFF(state, rest)                                                                          \
	"{\"Findings\":[{\"ProductArn\":\"p\",\"AwsAccountId\":\"1\",\"RecordState\":\"" state         \
	"\",\"Severity\":{\"Label\":\"HIGH\"}," rest                                                   \
	"\"Resources\":[{\"Type\":\"AwsEcrContainerImage\",\"Details\":{\"AwsEcrContainerImage\":{"    \
	"\"RepositoryName\":\"a\",\"ImageDigest\":\"$1\"}}}]}]}"

static void security_hub_reads_packages(void **state)
{
	static const struct import_case cases[] = {
		{ASFF("ACTIVE", "\"Vulnerabilities\":[{\"VulnerablePackages\":[{\"PackageManager\":\"OS\","
						"\"SourceLayerHash\":\"$2\"}]},{\"VulnerablePackages\":null}],"),
		 "1 \"a\" image=1 layer=2 os=high app=high 2:os=high\n",
		 {NULL}},
		{ASFF("ACTIVE", ""), "1 \"a\" image=1 app=high\n", {NULL}},
		{ASFF("ARCHIVED", ""), "1 \"a\" image=1\n", {NULL}},
		{ASFF("ACTIVE", "\"Vulnerabilities\":7,"),
		 "1 refused: line 1: Vulnerabilities: record: Vulnerabilities: not an array\n",
		 {NULL}},
	};
	(void)state;
	ASSERT_CASES(cases);
}

#define SUBASSESSMENT(status, data)                                                                \
	"{\"value\":[{\"properties\":{\"status\":{\"severity\":\"High\",\"code\":\"" status            \
	"\"},\"additionalData\":{" data "}}}]}"
#define ARTIFACT                                                                                   \
	"\"artifactDetails\":{\"registryHost\":\"r.example\",\"repositoryName\":\"a\",\"digest\":\"$"  \
	"1\"}"

static void defender_counts_what_is_unhealthy(void **state)
{
	static const struct import_case cases[] = {
		{SUBASSESSMENT("Unhealthy",
					   "\"assessedResourceType\":\"GcpContainerRegistryVulnerability\","
					   "\"softwareDetails\":{\"category\":\"OS\"}," ARTIFACT),
		 "1 \"r.example/a\" image=1 os=high\n",
		 {NULL}},
		{SUBASSESSMENT(
			 "Healthy",
			 "\"assessedResourceType\":\"AzureContainerRegistryVulnerability\"," ARTIFACT),
		 "1 \"r.example/a\" image=1\n",
		 {NULL}},
		{SUBASSESSMENT("Unhealthy", "\"assessedResourceType\":\"SqlServerVulnerability\""),
		 "1 passed over: line 1: properties.additionalData.assessedResourceType: "
		 "SqlServerVulnerability\n",
		 {NULL}},
		{SUBASSESSMENT("Unhealthy", "\"assessedResourceType\":\"ContainerRegistryVulnerability\""),
		 "1 refused: line 1: no digest\n",
		 {NULL}},
	};
	(void)state;
	ASSERT_CASES(cases);
}

#define DESCRIBED(lists)                                                                           \
	"{\"image_summary\":{\"digest\":\"$1\",\"fully_qualified_digest\":\"r.example/a@$1\"},"        \
	"\"package_vulnerability_summary\":{\"vulnerabilities\":{" lists "}}}"
#define OCCURRENCE(type) "{\"vulnerability\":{\"packageIssue\":[{\"packageType\":\"" type "\"}]}}"

static void gcloud_describe_has_a_list_for_each_severity(void **state)
{
	static const struct import_case cases[] = {
		{DESCRIBED("\"LOW\":[" OCCURRENCE("OS") "," OCCURRENCE("GO") "],\"HIGH\":[" OCCURRENCE(
			 "NPM") "],\"CRITICAL\":[]"),
		 "1 \"r.example/a\" image=1 os=low app=high\n",
		 {NULL}},
		{DESCRIBED("\"LOW\":[{\"vulnerability\":{}}]"),
		 "1 \"r.example/a\" image=1 app=low\n",
		 {NULL}},
		{DESCRIBED("\"LOW\":[{}]"),
		 "1 refused: line 1: package_vulnerability_summary.vulnerabilities: record: "
		 "package_vulnerability_summary.vulnerabilities.LOW[0].vulnerability: is missing\n",
		 {NULL}},
	};
	(void)state;
	ASSERT_CASES(cases);
}

#define HARBOR(rest)                                                                               \
	"[{\"digest\":\"$1\",\"repository_id\":1,\"manifest_media_type\":"                             \
	"\"application/vnd.oci.image.index.v1+json\"" rest "}]"

static void harbor_reads_what_stands_in_odd_places(void **state)
{
	static const struct import_case cases[] = {
		{HARBOR(",\"scan_overview\":{\"application/a.b; version=1.1\":{\"summary\":{\"summary\":{"
				"\"Low\":2,\"High\":1,\"Critical\":0}}},\"application/c\":null}"),
		 "1 \"\" index=1 app=high\n",
		 {NULL}},
		{HARBOR(",\"addition_links\":{\"vulnerabilities\":{\"href\":\"/api/v2.0/projects/p/"
				"repositories/"
				"a\\u0025252Fb\\u00252Fc/artifacts/x/additions/v\"},\"other\":{\"href\":\"/\"}}"),
		 "1 \"p/a/b/c\" index=1\n",
		 {NULL}},
		{HARBOR(",\"references\":[{\"child_digest\":\"$2\",\"platform\":{\"os\":\"linux\"}},"
				"{\"child_digest\":\"$3\",\"platform\":{\"os\":\"unknown\"}},{\"child_digest\":\"$"
				"4\"}]"),
		 "1 \"\" index=1 manifest=2 manifest=4\n",
		 {NULL}},
		{HARBOR(",\"references\":[{\"child_digest\":\"2\",\"platform\":null}]"),
		 "1 refused: line 1: references.child_digest: 1 of 64 hexadecimal digits: a short or cut "
		 "digest cannot be matched\n",
		 {NULL}},
		{HARBOR(",\"annotations\":{\"org.opencontainers.image.base.digest\":\"$5\"}"),
		 "1 \"\" index=1 base=5\n",
		 {NULL}},
		{HARBOR(",\"annotations\":{\"org.opencontainers.image.base.digest\":\"debian\"}"),
		 "1 \"\" index=1\n",
		 {NULL}},
	};
	(void)state;
	ASSERT_CASES(cases);
}

#define ANCHORE(rest) "[{\"image_digest\":\"$1\",\"image_id\":\"%2\"," rest "}]"

static void anchore_has_an_index_where_the_parent_is_another(void **state)
{
	static const struct import_case cases[] = {
		{ANCHORE("\"parent_digest\":\"$3\",\"full_tag\":\"r.example/a:1\""),
		 "1 \"r.example/a:1\" manifest=1 config=2 index=3\n",
		 {NULL}},
		{ANCHORE("\"parent_digest\":\"$1\""), "1 \"\" manifest=1 config=2\n", {NULL}},
		{ANCHORE("\"parent_digest\":\"\""), "1 \"\" manifest=1 config=2\n", {NULL}},
		{ANCHORE("\"parent_digest\":null"), "1 \"\" manifest=1 config=2\n", {NULL}},
		{ANCHORE("\"parent_digest\":\"x\""),
		 "1 refused: line 1: parent_digest: a sha256 digest has 64 hexadecimal digits, not 1\n",
		 {NULL}},
	};
	(void)state;
	ASSERT_CASES(cases);
}

static void crowdstrike_folds_rows(void **state)
{
	static const struct import_case cases[] = {
		{"{\"resources\":[{\"cid\":\"c\",\"repository\":\"a\",\"image_id\":\"%2\",\"image_digest\":"
		 "\"%1\","
		 "\"severity\":\"Low\"},{\"cid\":\"c\",\"repository\":\"a\",\"image_id\":\"%2\","
		 "\"image_digest\":\"%1\",\"severity\":\"Critical\"}],\"errors\":[]}",
		 "1 \"a\" image=1 config=2 app=critical\n",
		 {NULL}},
	};
	(void)state;
	ASSERT_CASES(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ecr_tells_kinds_by_media_types),
		cmocka_unit_test(inspector_attributes_severities_to_layers),
		cmocka_unit_test(inspector_takes_images_alone),
		cmocka_unit_test(security_hub_reads_packages),
		cmocka_unit_test(defender_counts_what_is_unhealthy),
		cmocka_unit_test(gcloud_describe_has_a_list_for_each_severity),
		cmocka_unit_test(harbor_reads_what_stands_in_odd_places),
		cmocka_unit_test(anchore_has_an_index_where_the_parent_is_another),
		cmocka_unit_test(crowdstrike_folds_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
