/*
 * What scanners, registries and runtimes say of images, beyond what the fixtures in
 * fixtures/exports show: severities, bases, what is passed over, and each odd form of a value.
 */
#include "import_recorder.h"

/* In inputs an apostrophe stands for a quote, and ^ for a percent sign that begins no digest. */
static char *expand(const char *text)
{
	char *expanded = recorder_expand(text);
	for (char *at = expanded; *at != '\0'; at++) {
		*at = *at == '\'' ? '"' : *at == '^' ? '%' : *at;
	}
	return expanded;
}

static void assert_reads(const char *format, const char *input, const char *expected)
{
	CLEANUP(free_at) char *text = expand(input);
	static const size_t steps[] = {4096, 1};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		CLEANUP(free_at)
		char *actual = recorder_import(text, strlen(text), steps[i], format, NULL);
		assert_string_equal(actual, expected);
	}
}

#define TRIVY(results)                                                                             \
	"{'SchemaVersion':2,'ArtifactName':'r.example/a:1','ArtifactType':'container_image',"          \
	"'Metadata':{'ImageID':'$1','DiffIDs':['$2','$3']},'Results':[" results "]}"

static void takes_severities_of_trivy(void **state)
{
	(void)state;
	assert_reads("trivy",
				 TRIVY("{'Class':'os-pkgs','Vulnerabilities':[{'Severity':'LOW'},"
					   "{'Severity':'HIGH','Layer':{'DiffID':'$2','Digest':'$4'}},{},null]},"
					   "{'Class':'lang-pkgs','Vulnerabilities':[{'Severity':'CRITICAL',"
					   "'Layer':{'DiffID':'$3'}},{'Severity':'MEDIUM','Layer':{'DiffID':'$3'}}]}"),
				 "1 \"r.example/a:1\" config=1 diff_ids=2,3 os=high app=critical 2:os=high "
				 "3:app=critical\n");
	/* One that is only known by its blob, one of no class, and words that are none. */
	assert_reads("trivy",
				 TRIVY("{'Vulnerabilities':[{'Severity':'MEDIUM','Layer':{'Digest':'$4'}},"
					   "{'Severity':'UNKNOWN','Layer':{'DiffID':'$2'}},{'Severity':9}]},"
					   "{'Class':'secret','Secrets':[{'Severity':'CRITICAL'}]}"),
				 "1 \"r.example/a:1\" config=1 diff_ids=2,3 app=medium 4:app=medium\n");
	assert_reads("trivy",
				 TRIVY("{'Vulnerabilities':[{'Severity':'LOW','Layer':{'DiffID':'sha256:12'}}]}"),
				 "1 refused: line 1: Results.Vulnerabilities.Layer: 2 of 64 hexadecimal digits: a "
				 "short or cut digest cannot be matched\n");
}

static void takes_blobs_of_trivy_by_their_diff_ids(void **state)
{
	const char *report = "{'SchemaVersion':2,'ArtifactName':'x.tar','ArtifactType':"
						 "'container_image','Metadata':{'DiffIDs':['$2','$3'],'Layers':[%s]}}";
	(void)state;
	static const struct {
		const char *layers;
		const char *expected;
	} cases[] = {
		{"{'Digest':'$5','DiffID':'$3'},{'Digest':'$4','DiffID':'$2'}",
		 "1 \"x.tar\" layers=4,5 diff_ids=2,3\n"},
		{"{'Digest':'$4','DiffID':'$2'},{'DiffID':'$3'}", "1 \"x.tar\" diff_ids=2,3\n"},
		{"{'Digest':'$4','DiffID':'$2'}", "1 \"x.tar\" diff_ids=2,3\n"},
		{"{'Digest':'sha256:4','DiffID':'$2'},{'Digest':'$5','DiffID':'$3'}",
		 "1 refused: line 1: Metadata.Layers.Digest: element 1: 1 of 64 hexadecimal digits: a "
		 "short "
		 "or cut digest cannot be matched\n"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *hole = strstr(report, "%s");
		CLEANUP(free_at)
		char *input = memory_format("%.*s%s%s", (int)(hole - report), report, cases[i].layers,
									hole + strlen("%s"));
		assert_reads("trivy", input, cases[i].expected);
	}
}

static void passes_over_other_things(void **state)
{
	(void)state;
	assert_reads("trivy", "{'SchemaVersion':2,'ArtifactName':'/home','ArtifactType':'filesystem'}",
				 "1 passed over: line 1: ArtifactType: filesystem\n");
	assert_reads("syft", "{'source':{'type':'directory','metadata':{'path':'/home'}}}",
				 "1 passed over: line 1: source.type: directory\n");
	assert_reads("grype", "{'matches':[],'source':{'type':'directory','target':'/home'}}",
				 "1 passed over: line 1: source.type: directory\n");
	assert_reads("docker-inspect", "[{'Id':'%1','State':{},'Image':'$2'}]",
				 "1 passed over: line 1: RootFS: a container, network or volume\n");
	assert_reads("manifest-inspect",
				 "[{'Ref':'a','Descriptor':{'digest':'$1','platform':{'architecture':'unknown',"
				 "'os':'unknown'}}}]",
				 "1 passed over: line 1: Descriptor.platform: attestation\n");
	assert_reads("manifest-inspect",
				 "[{'Ref':'a','Descriptor':{'digest':'$1'},'OCIManifest':{'config':{'mediaType':"
				 "'application/vnd.cncf.helm.config.v1+json','digest':'$2'},'layers':[]}}]",
				 "1 passed over: line 1: config.mediaType: "
				 "application/vnd.cncf.helm.config.v1+json\n");
	assert_reads("manifest",
				 "{'schemaVersion':2,'config':{'mediaType':"
				 "'application/vnd.oci.image.config.v1+json','digest':'$1'},'layers':[{'mediaType':"
				 "'application/vnd.dev.cosign.simplesigning.v1+json','digest':'$2'}]}",
				 "1 passed over: line 1: layers.mediaType: "
				 "application/vnd.dev.cosign.simplesigning.v1+json\n");
	assert_reads("index",
				 "{'manifests':[{'mediaType':'application/vnd.oci.image.manifest.v1+json','digest':"
				 "'$1','platform':{'os':'unknown','architecture':'unknown'}},{'mediaType':"
				 "'text/plain','digest':'$2'}]}",
				 "1 passed over: line 1: platform: attestation\n"
				 "2 passed over: line 1: media_type: text/plain\n");
	assert_reads("spdx",
				 "{'packages':[{'SPDXID':'a','name':'b'},{'SPDXID':'c','name':'d',"
				 "'primaryPackagePurpose':'LIBRARY'}]}",
				 "1 passed over: line 1: primaryPackagePurpose: package\n"
				 "2 passed over: line 1: primaryPackagePurpose: LIBRARY\n");
}

#define GRYPE(matches)                                                                             \
	"{'matches':[" matches "],'source':{'type':'image','target':{'userInput':'a:1',"               \
	"'imageID':'$1','layers':[{'digest':'$2'},{'digest':'$3'}]}}}"

static void takes_severities_of_grype(void **state)
{
	(void)state;
	assert_reads(
		"grype",
		GRYPE("{'vulnerability':{'severity':'High'},'artifact':{'type':'deb','locations':["
			  "{'layerID':'$2','annotations':{'evidence':'primary'}},"
			  "{'layerID':'$3','annotations':{'evidence':'supporting'}}]}},"
			  "{'vulnerability':{'severity':'Negligible'},'artifact':{'type':'npm',"
			  "'locations':[{'layerID':'$3'},{'path':'/x'}]}},"
			  "{'vulnerability':{'severity':'Critical'},'artifact':{'type':'rpm'}},"
			  "{'vulnerability':{},'artifact':{'type':'rpm'}}"),
		"1 \"a:1\" config=1 diff_ids=2,3 os=critical app=negligible 2:os=high 3:app=negligible\n");
	assert_reads("grype",
				 GRYPE("{'vulnerability':{'severity':'Low'},'artifact':{'type':'apk',"
					   "'locations':[{'layerID':'sha256:1'}]}}"),
				 "1 refused: line 1: matches.artifact.locations.layerID: 1 of 64 hexadecimal "
				 "digits: a short or cut digest cannot be matched\n");
}

static void add_text(struct buffer *out, const char *text)
{
	CLEANUP(free_at) char *expanded = expand(text);
	struct error err = ERROR_INIT;
	assert_int_equal(buffer_add(out, expanded, strlen(expanded), &err), 0);
}

/* Each match is another vulnerability, and there are no more severities and layers than elsewhere.
 * Fields that nobody reads, however many, count for nothing. */
static void takes_any_number_of_matches_of_grype(void **state)
{
	(void)state;
	enum { MATCHES = 50000 };
	static const char *const severities[] = {"Low", "Medium", "High"};
	struct buffer report = BUFFER_INIT((size_t)64 << 20);
	add_text(&report, "{'matches':[");
	for (int i = 0; i < MATCHES; i++) {
		char match[640];
		snprintf(match, sizeof(match),
				 "%s{'vulnerability':{'id':'CVE-%d','urls':['a','b'],'severity':'%s'},"
				 "'matchDetails':[{'type':'exact','found':{'a':1,'b':2}}],'artifact':{'name':'p%d',"
				 "'type':'deb','locations':[{'path':'/x','layerID':'$%d','annotations':{'evidence':"
				 "'primary'}},{'path':'/y%d','layerID':'$3','annotations':{'evidence':"
				 "'supporting'}}],'cpes':['c','d'],'licenses':[]}}",
				 i == 0 ? "" : ",", i, severities[i % 3], i, 2 + i % 2, i);
		add_text(&report, match);
	}
	add_text(&report, "],'source':{'type':'image','target':{'userInput':'a:1','imageID':'$1',"
					  "'layers':[{'digest':'$2'},{'digest':'$3'},{'digest':'$2'}]}}}");
	CLEANUP(free_at)
	char *actual = recorder_import(report.bytes, report.size, 4096, "grype", NULL);
	assert_string_equal(actual, "1 \"a:1\" config=1 diff_ids=2,3,2 os=high 2:os=high 3:os=high\n");
	buffer_clear(&report);
}

/* What is between two equal matches is not lost with the second. */
static void takes_equal_matches_once(void **state)
{
	(void)state;
#define MATCH "{'vulnerability':{'severity':'Low'},'artifact':{'type':'deb'}}"
	assert_reads("grype", GRYPE(MATCH "," MATCH " , \n " MATCH),
				 "1 \"a:1\" config=1 diff_ids=2,3 os=low\n");
	assert_reads("grype", GRYPE(MATCH ",null," MATCH), "1 \"a:1\" config=1 diff_ids=2,3 os=low\n");
	static const char *const broken[] = {GRYPE(MATCH " x, " MATCH), GRYPE(MATCH ",," MATCH)};
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		CLEANUP(free_at) char *text = expand(broken[i]);
		CLEANUP(free_at) char *actual = recorder_import(text, strlen(text), 4096, "grype", NULL);
		assert_non_null(strstr(actual, "1 refused: line 1: "));
	}
#undef MATCH
}

static void tells_reports_without_findings(void **state)
{
	(void)state;
	assert_reads(NULL,
				 "{'artifacts':[],'artifactRelationships':[],'source':{'type':'image','metadata':"
				 "{'imageID':'$1'}},'descriptor':{'name':'syft'}}",
				 "1 \"\" config=1\n");
	assert_reads(NULL,
				 "{'matches':[],'source':{'type':'image','target':{'imageID':'$1'}},"
				 "'descriptor':{'name':'grype'}}",
				 "1 \"\" config=1\n");
}

static void refuses_what_was_put_together(void **state)
{
	(void)state;
	assert_reads("syft", "{'source':{'type':'image','metadata':{'imageID':'$1','config':'e30='}}}",
				 "1 refused: line 1: source.metadata.config: config: rootfs: is missing\n");
	assert_reads("syft",
				 "{'source':{'type':'image','metadata':{'imageID':'$1','manifest':'W10='}}}",
				 "1 refused: line 1: source.metadata.manifest: manifest: not an object\n");
	assert_reads("syft", "{'source':{'type':'image','target':{'imageID':'$1','manifest':'W10'}}}",
				 "1 refused: line 1: source.target.manifest: not base64\n");
}

static void reads_package_urls(void **state)
{
	static const struct {
		const char *component;
		const char *expected;
	} cases[] = {
		{"'purl':'pkg:oci/a@sha256^3A%1?repository_url=r.example^2Fb^2Fa&tag=1&arch=arm64'",
		 "1 \"r.example/b/a:1\" image=1 platform=linux/arm64\n"},
		{"'name':'a','purl':'pkg:docker/b/a@sha256^3a%1?repository_url=r.example'",
		 "1 \"r.example/b/a\" image=1\n"},
		{"'name':'b/a:2','purl':'pkg:oci/a@$1?tag=1#x'", "1 \"b/a:2\" image=1\n"},
		{"'purl':'pkg:oci/a@$1?tag=1#x'", "1 \"a:1\" image=1\n"},
		{"'purl':'pkg:oci/r.example^2Fa@$1'", "1 \"r.example/a\" image=1\n"},
		{"'version':'$2','purl':'pkg:docker/a@1.0?repository_url=r.example&flag'",
		 "1 \"r.example/a:1.0\" image=2\n"},
		{"'version':'$2','purl':'pkg:npm/a@$1'", "1 \"\" image=2\n"},
		{"'version':'$2','purl':'pkg:oci/a^zz^4^00?repository_url=^'", "1 \"%\" image=2\n"},
		{"'version':'1.0','purl':'pkg:oci/a@1.0'", "1 refused: line 1: no digest\n"},
		{"'name':'a@b','version':'1.0'", "1 refused: line 1: no digest\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(free_at)
		char *input = memory_format(
			"{'bomFormat':'CycloneDX','specVersion':'1.6','metadata':{'component':"
			"{'type':'container',%s}}}",
			cases[i].component);
		assert_reads(NULL, input, cases[i].expected);
	}
}

static void tells_what_an_id_is(void **state)
{
	static const struct {
		const char *members;
		const char *expected;
	} cases[] = {
		{"'Id':'$1'", "1 \"\" config=1 diff_ids=9\n"},
		{"'Id':'%1','GraphDriver':{'Name':'overlay'}", "1 \"\" config=1 diff_ids=9\n"},
		{"'Id':'$1','GraphDriver':{'Name':'overlayfs'}", "1 \"\" image=1 diff_ids=9\n"},
		{"'Id':'$1','RepoTags':['a:1'],'RepoDigests':['a@$1']", "1 \"a:1\" image=1 diff_ids=9\n"},
		{"'Id':'$1','Descriptor':{'mediaType':'application/vnd.oci.image.index.v1+json'}",
		 "1 \"\" index=1 diff_ids=9\n"},
		{"'Id':'$1','RepoTags':['a:1'],'RepoDigests':['a@$1'],'Descriptor':{'mediaType':"
		 "'application/vnd.docker.distribution.manifest.v2+json'}",
		 "1 \"a:1\" manifest=1 diff_ids=9\n"},
		{"'Id':'$1','Os':'linux','Architecture':'arm','Variant':'v7'",
		 "1 \"\" config=1 diff_ids=9 platform=linux/arm/v7\n"},
		{"'Id':'$1','Os':'windows','Architecture':'amd64','Variant':''",
		 "1 \"\" config=1 diff_ids=9 platform=windows/amd64\n"},
		{"'Id':'8f3a1c'", "1 refused: line 1: Id: 6 of 64 hexadecimal digits: a short or cut "
						  "digest cannot be matched\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(free_at)
		char *input = memory_format("[{%s,'RootFS':{'Type':'layers','Layers':['$9']}}]",
									cases[i].members);
		assert_reads("docker-inspect", input, cases[i].expected);
	}
}

static void tells_what_runs_in_a_pod(void **state)
{
	static const struct {
		const char *status;
		const char *expected;
	} cases[] = {
		{"'image':'a:1','imageID':'docker-pullable://r.example/a@$1'", "1 \"a:1\" image=1\n"},
		{"'image':'a:1','imageID':'docker://$1'", "1 \"a:1\" config=1\n"},
		{"'image':'$1','imageID':'$1'", "1 \"\" config=1\n"},
		{"'name':'x','image':'$1','imageID':'$1'", "1 \"a:1\" config=1\n"},
		{"'name':'y','image':'$1','imageID':'$1'", "1 \"\" config=1\n"},
		{"'image':'a:1','imageID':'%1'", "1 \"a:1\" config=1\n"},
		{"'image':'a:1','imageID':''", "1 passed over: line 1: imageID: a container not started\n"},
		{"'image':'a:1'", "1 passed over: line 1: imageID: a container not started\n"},
		{"'image':'a:1','imageID':'a:1'",
		 "1 refused: line 1: imageID: a a digest cannot be verified here\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(free_at)
		char *input = memory_format(
			"{'kind':'Pod','spec':{'containers':[{'name':'x','image':'a:1'}]},"
			"'status':{'containerStatuses':[{%s}]}}",
			cases[i].status);
		assert_reads(NULL, input, cases[i].expected);
	}
}

static void takes_the_base_of_a_manifest(void **state)
{
	(void)state;
	assert_reads(NULL,
				 "{'schemaVersion':2,'config':{'mediaType':"
				 "'application/vnd.oci.image.config.v1+json','digest':'$1'},'layers':[{'mediaType':"
				 "'application/vnd.oci.image.layer.v1.tar+zstd','digest':'$2'}],'annotations':"
				 "{'org.opencontainers.image.base.digest':'$3'}}",
				 "1 \"\" config=1 layers=2 base=3\n");
}

/* How far the root of an operating system reaches up, which guesses at the boundary. */
static void reads_the_history_of_configurations(void **state)
{
#define HISTORY                                                                                    \
	"'history':[{'created_by':'/bin/sh -c #(nop) ADD file:12 in / '},{'created_by':'ENV A=b',"     \
	"'empty_layer':true},{'created_by':'COPY . /app'}]"
	(void)state;
	assert_reads(NULL,
				 "{'architecture':'arm','variant':'v7','os':'linux','rootfs':{'type':'layers',"
				 "'diff_ids':['$1','$2']}," HISTORY "}",
				 "1 \"\" diff_ids=1,2 platform=linux/arm/v7 root=1\n");
	assert_reads("trivy",
				 "{'ArtifactType':'container_image','Metadata':{'DiffIDs':['$1','$2'],"
				 "'ImageConfig':{" HISTORY "}}}",
				 "1 \"\" diff_ids=1,2 root=1\n");
	/* One layer too many or too few: nobody knows which entry is whose. */
	assert_reads(
		NULL,
		"{'architecture':'arm','os':'linux','rootfs':{'type':'layers','diff_ids':['$1']}," HISTORY
		"}",
		"1 \"\" diff_ids=1 platform=linux/arm\n");
	assert_reads(NULL,
				 "{'architecture':'arm','os':'linux','rootfs':{'type':'layers','diff_ids':['$1',"
				 "'$2','$3']}," HISTORY "}",
				 "1 \"\" diff_ids=1,2,3 platform=linux/arm\n");
}

static void takes_what_buildkit_built(void **state)
{
	(void)state;
	assert_reads(NULL,
				 "{'containerimage.descriptor':{'mediaType':"
				 "'application/vnd.oci.image.manifest.v1+json','digest':'$1','platform':{'os':"
				 "'linux','architecture':'amd64'}},'containerimage.digest':'$1',"
				 "'image.name':'r.example/a:1,,r.example/a:2'}",
				 "1 \"r.example/a:1\" manifest=1 platform=linux/amd64\n");
	assert_reads(NULL,
				 "{'containerimage.config.digest':'$1','containerimage.digest':'$1',"
				 "'image.name':'a:1'}",
				 "1 \"a:1\" config=1\n");
}

static void reads_lists(void **state)
{
	(void)state;
	assert_reads(NULL, "# all\n\n$1 # one\n\t%2\t\nr.example/a@$3\r\nsha256:4\n$5 $6\nx:1",
				 "1 \"\" image=1\n2 \"\" image=2\n3 \"r.example/a@sha256:"
				 "3333333333333333333333333333333333333333333333333333333333333333\" image=3\n"
				 "4 refused: line 6: 1 of 64 hexadecimal digits: a short or cut digest cannot be "
				 "matched\n5 refused: line 7: more than one word\n"
				 "6 refused: line 8: no digest\n");
	assert_reads(NULL,
				 "REF TYPE DIGEST SIZE PLATFORMS LABELS\n"
				 "r.example/a:1 application/vnd.oci.image.index.v1+json $1 3.0 MiB linux/arm -\n"
				 "$2   application/vnd.oci.image.manifest.v1+json $3 3.0 MiB - -\nx y\n",
				 "1 passed over: line 1: header\n4 refused: line 4: fewer than 3 columns\n"
				 "2 \"r.example/a:1\" index=1\n3 \"\" config=2 manifest=3\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_severities_of_trivy),
		cmocka_unit_test(takes_blobs_of_trivy_by_their_diff_ids),
		cmocka_unit_test(passes_over_other_things),
		cmocka_unit_test(takes_severities_of_grype),
		cmocka_unit_test(takes_any_number_of_matches_of_grype),
		cmocka_unit_test(takes_equal_matches_once),
		cmocka_unit_test(tells_reports_without_findings),
		cmocka_unit_test(refuses_what_was_put_together),
		cmocka_unit_test(reads_package_urls),
		cmocka_unit_test(tells_what_an_id_is),
		cmocka_unit_test(tells_what_runs_in_a_pod),
		cmocka_unit_test(takes_the_base_of_a_manifest),
		cmocka_unit_test(reads_the_history_of_configurations),
		cmocka_unit_test(takes_what_buildkit_built),
		cmocka_unit_test(reads_lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
