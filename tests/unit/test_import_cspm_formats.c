/*
 * What cloud platforms and their scanners say of images, beyond what the fixtures in
 * fixtures/exports show: each odd form of a value, and what else the format may be found in.
 */
#include "import_recorder.h"

/* In inputs an apostrophe stands for a quote. */
static char *expand(const char *text)
{
	char *expanded = recorder_expand(text);
	for (char *at = expanded; *at != '\0'; at++) {
		*at = *at == '\'' ? '"' : *at;
	}
	return expanded;
}

/* Told by its content, as one record and as chunks of one byte. */
static void assert_reads(const char *input, const char *expected)
{
	CLEANUP(free_at) char *text = expand(input);
	assert_import(text, strlen(text), NULL, expected);
}

static void assert_reads_as(const char *format, const char *input, const char *expected)
{
	CLEANUP(free_at) char *text = expand(input);
	CLEANUP(free_at) char *actual = recorder_import(text, strlen(text), 4096, format, NULL);
	assert_string_equal(actual, expected);
}

/* ---- Prisma Cloud ---- */

#define PRISMA(members) "{'_id':'','type':'image','hostname':'','scanTime':'','id':'$1'" members "}"

static void takes_findings_of_prisma(void **state)
{
	(void)state;
	/* the list tells classes; the counts stand in for it */
	assert_reads(PRISMA(",'vulnerabilities':[{'severity':'low','type':'image'},{'severity':'high',"
						"'type':'OS'},{'severity':'medium','type':'nodejs'},{'severity':7},null],"
						"'vulnerabilityDistribution':{'critical':9}"),
				 "1 \"\" config=1 os=high app=medium\n");
	assert_reads(PRISMA(",'vulnerabilities':[],'vulnerabilityDistribution':{'critical':0,"
						"'high':'9','low':2,'total':2}"),
				 "1 \"\" config=1 app=low\n");
	assert_reads(PRISMA(",'vulnerabilities':null,'vulnerabilityDistribution':null"),
				 "1 \"\" config=1\n");
}

static void names_images_of_prisma(void **state)
{
	(void)state;
	assert_reads(PRISMA(",'repoTag':null,'repoDigests':['r.example/a@$2','r.example/b@$3']"),
				 "1 \"r.example/a@sha256:22222222222222222222222222222222222222222222222222222222"
				 "22222222\" image=2 image=3 config=1\n");
	assert_reads(PRISMA(",'repoTag':{'registry':'r.example','repo':'a','tag':''},"
						"'repoDigests':['r.example/a@$2'],'tags':[{'digest':'$2'},{'digest':''}]"),
				 "1 \"r.example/a\" image=2 config=1\n");
	assert_reads("[" PRISMA(",'layers':['$2','']") "]",
				 "1 refused: line 1: layers: element 2: empty\n");
}

static void reads_scans_of_prisma(void **state)
{
	(void)state;
	assert_reads("[{'_id':'x','pass':true,'entityInfo':" PRISMA(
					 "") "},\n{'entityInfo':{'type':'ciImage','id':'$2'}},\n{'entityInfo':null}]",
				 "1 \"\" config=1\n2 \"\" config=2\n");
	/* sorted, as jq -S leaves it */
	assert_reads(
		"{'Secrets':[],'_id':'x','allCompliance':{},'binaries':[],'id':'$1','layers':['$2']}",
		"1 \"\" config=1 diff_ids=2\n");
	assert_reads("{'_id':'','type':'host','hostname':'h','scanTime':''}",
				 "1 passed over: line 1: type: host\n");
}

static void takes_the_last_column_type_of_prisma(void **state)
{
	(void)state;
	assert_reads("Registry,Repository,Tag,Id,Type,CVE ID,Compliance ID,Type,Severity\n"
				 "r.example,a,1,$1,OS,CVE,46,java,high\n"
				 "r.example,a,1,$1,ciImage,CVE,46,os,low\n",
				 "1 \"r.example/a:1\" config=1 os=low app=high\n");
	assert_reads("Registry,Repository,Tag,Id,CVE ID,Compliance ID,Type,Severity\n"
				 "r.example,a,1,$1,CVE,46,OS,high\n",
				 "1 \"r.example/a:1\" config=1 os=high\n");
}

/* ---- Wiz ---- */

#define WIZ(asset, members)                                                                        \
	"{'vulnerableAsset':{'id':'1','type':'CONTAINER_IMAGE'" asset "}" members "}"

static void searches_assets_of_wiz(void **state)
{
	(void)state;
	/* anywhere in the asset, lists included, but not deeper; bare only as image ID */
	assert_reads(WIZ(",'imageTags':['x','r.example/a@$2'],'tags':{'k':'$3'},'externalId':'%4',"
					 "'nativeType':'sha256-%5','imageId':'%6','size':1",
					 ""),
				 "1 \"\" image=6 image=2 image=5\n");
	assert_reads(WIZ(",'imageId':'a-name','providerUniqueId':'arn:x/$2'", ""), "1 \"\" image=2\n");
	assert_reads(
		WIZ(",'imageId':'sha256:12','providerUniqueId':'$2'", ""),
		"1 refused: line 1: vulnerableAsset.imageId: 2 of 64 hexadecimal digits: a short or "
		"cut digest cannot be matched\n");
	assert_reads(WIZ(",'name':'a'", ",'description':'$2'"), "1 refused: line 1: no digest\n");
}

static void names_images_of_wiz(void **state)
{
	(void)state;
	assert_reads(WIZ(",'imageId':'$1','name':'n','repository':{'name':'a'},'registry':{'name':"
					 "'r.example'},'imageTags':['7','8']",
					 ""),
				 "1 \"r.example/a:7\" image=1\n");
	assert_reads(WIZ(",'imageId':'$1','name':'n','repository':{'name':'a'},'registry':{'name':"
					 "'Our registry'}",
					 ""),
				 "1 \"a\" image=1\n");
	assert_reads(WIZ(",'imageId':'$1','name':'n'", ""), "1 \"n\" image=1\n");
	assert_reads(WIZ(",'imageId':'$1','name':'a@b'", ""), "1 \"\" image=1\n");
}

static void takes_layers_and_severities_of_wiz(void **state)
{
	(void)state;
	assert_reads(WIZ(",'imageId':'$1'", ",'layerMetadata':{'layerHash':'%2'},'severity':'HIGH',"
										"'detectionMethod':'DEFAULT_PACKAGE'"),
				 "1 \"\" image=1 layer=2 diff_id=2 os=high 2:os=high\n");
	/* what is no digest is left out */
	assert_reads(WIZ(",'imageId':'$1'", ",'layerMetadata':{'layerHash':'ADD file'},'severity':null,"
										"'vendorSeverity':'LOW','CVSSSeverity':'CRITICAL'"),
				 "1 \"\" image=1 app=low\n");
	/* rows fold, in whatever order */
	assert_reads("{'data':{'vulnerabilityFindings':{'nodes':[" WIZ(
					 ",'imageId':'$1'", ",'severity':'LOW'") "," WIZ(",'imageId':'$2'",
																	 "") "," WIZ(",'imageId':'$1'",
																				 ",'severity':"
																				 "'MEDIUM'") "]}}}",
				 "1 \"\" image=1 app=medium\n2 \"\" image=2\n");
}

static void passes_over_other_assets_of_wiz(void **state)
{
	(void)state;
	assert_reads("{'vulnerableAsset':{'id':'1','type':'CONTAINER','imageId':'$1'}}\n"
				 "{'vulnerableAsset':{'id':'1','type':'SERVERLESS','imageId':'$1'}}\n",
				 "2 passed over: line 2: vulnerableAsset.type: SERVERLESS\n1 \"\" image=1\n");
}

#define WIZ_HEADER                                                                                 \
	"WizURL,VendorSeverity,AssetName,ProviderUniqueId,AssetType,Link,Tags,DetectionMethod\n"

static void searches_cells_of_wiz(void **state)
{
	(void)state;
	/* but not those about the vulnerability, and never bare digits */
	assert_reads(WIZ_HEADER "u,High,a,x/sha256-%1,Container Image,$2,'{''k'':''$3''}',OS\n",
				 "1 \"a\" image=1 image=3 os=high\n");
	assert_reads(WIZ_HEADER "u,High,$1,,,,,\nu,Low,r.example/a@$2,,,,,\n",
				 "1 \"\" image=1 app=high\n"
				 "2 \"r.example/a@sha256:222222222222222222222222222222222222222222222222222222222"
				 "2222222\" image=2 app=low\n");
	assert_reads(WIZ_HEADER "u,High,a,%1,,$2,,OS\nu,High,b,$1,VIRTUAL_MACHINE,,,OS\n",
				 "1 refused: line 2: no digest\n"
				 "2 passed over: line 3: AssetType: VIRTUAL_MACHINE\n");
}

/* ---- Sysdig ---- */

#define SYSDIG(members)                                                                            \
	"{'result':{'metadata':{'pullString':'r.example/a:1','imageId':'$1'}," members "}}"

static void leaves_out_steps_without_layer_of_sysdig(void **state)
{
	(void)state;
	assert_reads(SYSDIG("'layers':[{'digest':'$2'},{'command':'x'},{'digest':''},{'digest':'$2'}]"),
				 "1 \"r.example/a:1\" config=1 diff_ids=2,2\n");
	assert_reads(
		SYSDIG("'layers':[{'digest':'$2'},{'digest':'sha256:12'}]"),
		"1 refused: line 1: result.layers.digest: element 2: 2 of 64 hexadecimal digits: a "
		"short or cut digest cannot be matched\n");
	assert_reads(
		SYSDIG("'layers':null,'packages':[{'type':'os','vulns':[{'severity':{'value':"
			   "'High'}}]},{'type':'java','layerDigest':'$3','vulns':[{'severity':{'value':"
			   "'Other'}},{'severity':{'value':'Low'}},{'severity':'High'}]}]"),
		"1 \"r.example/a:1\" config=1 os=high app=low 3:app=low\n");
	assert_reads(
		SYSDIG("'packages':[{'layerDigest':'x','vulns':[{'severity':{'value':'Low'}}]}]"),
		"1 refused: line 1: result.packages.layerDigest: a sha256 digest has 64 hexadecimal "
		"digits, not 1\n");
}

/* ---- Aqua ---- */

#define AQUA(registry, members)                                                                    \
	"{'registry':'" registry "','repository':'a','tag':'1','crit_vulns':0" members "}"

static void names_images_of_aqua(void **state)
{
	(void)state;
	assert_reads(AQUA("Corp", ",'metadata':{'docker_id':'$1','repo_digests':['r.example/x@$2']}"),
				 "1 \"r.example/x:1\" image=2 config=1\n");
	assert_reads(AQUA("r.example:5000", ",'metadata':{'docker_id':'$1','repo_digests':["
										"'other.example/x@$2']}"),
				 "1 \"r.example:5000/a:1\" image=2 config=1\n");
	assert_reads(AQUA("docker hub", ",'metadata':{'docker_id':'$1'}"),
				 "1 \"docker.io/a:1\" config=1\n");
	assert_reads(AQUA("prod v1.2", ",'metadata':{'docker_id':'$1'}"), "1 \"a:1\" config=1\n");
	assert_reads(AQUA("localhost", ",'metadata':{'docker_id':'$1'}"),
				 "1 \"localhost/a:1\" config=1\n");
}

static void takes_severities_of_aqua(void **state)
{
	(void)state;
	assert_reads(AQUA("r.example", ",'high_vulns':0,'med_vulns':'7','low_vulns':-1,'neg_vulns':1,"
								   "'metadata':{'docker_id':'$1'}"),
				 "1 \"r.example/a:1\" config=1 app=negligible\n");
	assert_reads("{'image':'a','scan_started':{},'digest':'%1','resources':[null,{'resource':null,"
				 "'vulnerabilities':[{'aqua_severity':'low'},{}]},{'resource':{'format':'APK'},"
				 "'vulnerabilities':[{'aqua_severity':'high'}]}]}",
				 "1 \"a\" image=1 os=high app=low\n");
}

/* ---- Lacework ---- */

#define LACEWORK(info, members)                                                                    \
	"{'evalCtx':{'image_info':{'registry':'r.example','repo':'a'" info "}}" members "}"

static void takes_either_identifier_of_lacework(void **state)
{
	(void)state;
	assert_reads(LACEWORK(",'id':'$1'", ",'imageId':'$1'"), "1 \"r.example/a\" config=1\n");
	assert_reads(LACEWORK(",'id':'$1','digest':'$2'", ",'imageId':'$2'"),
				 "1 \"r.example/a\" image=2 config=1\n");
	assert_reads(LACEWORK(",'id':'$1'", ",'imageId':'$2'"), "1 \"r.example/a\" config=1 image=2\n");
	assert_reads(LACEWORK("", ",'imageId':'x'"),
				 "1 refused: line 1: imageId: a sha256 digest has 64 hexadecimal digits, not 1\n");
}

static void takes_layers_of_lacework(void **state)
{
	(void)state;
	assert_reads(LACEWORK("", ",'imageId':'$1','severity':'High','featureKey':{'namespace':"
							  "'rhel:8'},'featureProps':{'layer':'$2'}"),
				 "1 \"r.example/a\" image=1 layer=2 diff_id=2 os=high 2:os=high\n");
	assert_reads(LACEWORK("", ",'imageId':'$1','severity':'High','featureProps':{'layer':'RUN x'}"),
				 "1 \"r.example/a\" image=1 app=high\n");
	assert_reads(
		LACEWORK("", ",'imageId':'$1','featureProps':{'layer':'sha256:12'}"),
		"1 refused: line 1: featureProps.layer: 2 of 64 hexadecimal digits: a short or cut "
		"digest cannot be matched\n");
}

/* ---- Snyk ---- */

#define SNYK(facts)      "{'facts':[" facts "],'target':{'image':'docker-image|r.example/a'}}"
#define FACT(type, data) "{'type':'" type "','data':" data "}"

static void takes_facts_of_snyk(void **state)
{
	(void)state;
	/* in whatever order, a digest has the kind that some fact tells */
	assert_reads(
		SNYK(FACT(
			"ociDistributionMetadata",
			"{'registryHost':'r.example','repository':'b'"
			",'manifestDigest':'$2'}") "," FACT("imageNames",
												"{'names':['r.example/b@$2']}") "," FACT("imageId",
																						 "'$1'")),
		"1 \"r.example/b@sha256:22222222222222222222222222222222222222222222222222222222"
		"22222222\" config=1 manifest=2\n");
	assert_reads(SNYK(FACT("imageId", "'$1'")), "1 \"r.example/a\" config=1\n");
	assert_reads(SNYK(FACT("depGraph", "{}") ",null"),
				 "1 passed over: line 1: facts: no facts of an image\n");
	assert_reads(SNYK(FACT("imageId", "7")),
				 "1 refused: line 1: imageId: record: facts[0].data: not a string\n");
}

static void takes_layers_of_snyk(void **state)
{
	(void)state;
	assert_reads(SNYK(FACT("rootFs", "['$1','$2']") "," FACT("imageLayers", "['$3','$4']")),
				 "1 \"r.example/a\" layers=3,4 diff_ids=1,2\n");
	assert_reads(
		SNYK(FACT("rootFs", "['$1','$2']") "," FACT("imageLayers", "['$3','%4/layer.tar']")),
		"1 \"r.example/a\" diff_ids=1,2\n");
	assert_reads(SNYK(FACT("rootFs", "['$1','$2']") "," FACT("imageLayers", "['$3']")),
				 "1 refused: line 1: 1 layers but 2 diff_ids\n");
	assert_reads(SNYK(FACT("rootFs", "['$1',7]")),
				 "1 refused: line 1: rootFs: record: facts[0].data[1]: not a string\n");
}

/* ---- Where records stand ---- */

static void finds_the_records(void **state)
{
	(void)state;
	assert_reads("[" AQUA("r.example", ",'metadata':{'docker_id':'$1'}") "]",
				 "1 \"r.example/a:1\" config=1\n");
	assert_reads(LACEWORK(",'id':'$1'", "") "\n" LACEWORK(",'id':'$2'", ""),
				 "1 \"r.example/a\" config=1\n2 \"r.example/a\" config=2\n");
	assert_reads("{'panels':[{'data':[{'container_image':'a','container_image_id':'$1'}]},"
				 "{'data':null},{'data':[{'container_image':'b','container_image_id':'$2'}]}]}",
				 "1 \"a\" config=1\n2 \"b\" config=2\n");
	assert_reads_as("snyk", "{'data':[{'type':'container_image','id':'$1'}]}", "1 \"\" image=1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_findings_of_prisma),
		cmocka_unit_test(names_images_of_prisma),
		cmocka_unit_test(reads_scans_of_prisma),
		cmocka_unit_test(takes_the_last_column_type_of_prisma),
		cmocka_unit_test(searches_assets_of_wiz),
		cmocka_unit_test(names_images_of_wiz),
		cmocka_unit_test(takes_layers_and_severities_of_wiz),
		cmocka_unit_test(passes_over_other_assets_of_wiz),
		cmocka_unit_test(searches_cells_of_wiz),
		cmocka_unit_test(leaves_out_steps_without_layer_of_sysdig),
		cmocka_unit_test(names_images_of_aqua),
		cmocka_unit_test(takes_severities_of_aqua),
		cmocka_unit_test(takes_either_identifier_of_lacework),
		cmocka_unit_test(takes_layers_of_lacework),
		cmocka_unit_test(takes_facts_of_snyk),
		cmocka_unit_test(takes_layers_of_snyk),
		cmocka_unit_test(finds_the_records),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
