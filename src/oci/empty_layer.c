#include "layerproof/empty_layer.h"

#include <stddef.h>
#include <string.h>

/* Each was computed from the bytes that its comment describes. */
static const char *const KNOWN[] = {
	/* 1,024 NUL bytes: the empty tar */
	"sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
	"sha512:8efb4f73c5655351c444eb109230c556d39e2c7624e9c11abc9e3fb4b9b92542"
	"18cc5085b454a9698d085cfa92198491f07a723be4574adc70617b73eb0b6461",
	/* its gzip in Docker's schema 1 builder */
	"sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4",
	"sha512:d821ea66df9bca548b237085143c3d028ff931f339efa1027eec114394ba9f1c"
	"6cbe9f83e49131879b1b0f558551a95b4740c4d5322a3aaf23927c22815750a7",
	/* its gzip from Go's writer: BuildKit, kaniko */
	"sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1",
	"sha512:5444785a0b8ee97d67ade2c5119177a2d3693595f776080f4aaebcca96804b63"
	"7a022bebdb443602c2b744ec05cc84e2a322b8b745078cab59c269667630fade",
	/* its gzip from GNU gzip; from zstd with and without a checksum */
	"sha256:7989bb311baa38ef545250282aa065d23281c46dfb8faabe4c653487bdbded5c",
	"sha256:798227851af38e42f1a2b1e5116c056d0f2a902868ca277411ec904729773525",
	"sha256:79fd197db96953fa064cecefea06e607d3109dbab6847f77397ba1fda252dd71",
	/* 10,240 NUL bytes: the empty tar of GNU tar; its gzip */
	"sha256:84ff92691f909a05b224e1c56abb4864f01b4f8e3c854e4bb4c7baf1d3f6d652",
	"sha512:1e543b135acb1da2d9ce119c11d6fa9de2c9ca2e97e55fdf2481c2944779a3d6"
	"df4a7c74f87692072ada4d494bbc3018d7545b3c631dac1bfb787f81e0b76530",
	"sha256:85cea451eec057fa7e734548ca3ba6d779ed5836a3f9de14b8394575ef0d7d8e",
	/* no bytes at all */
	"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	"47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
	/* "{}": the empty descriptor of image-spec manifest.md */
	"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
	"sha512:27c74670adb75075fad058d5ceaf7b20c4e7786c83bae8a32f626f9782af34c9"
	"a33c2046ef60fd2a7878d378e29fec851806bbd9a67878f3a9f1cda4830763fd",
	/* the ChainID of two empty layers */
	"sha256:170b376f64fb30995c140276be3d71dfb256b308d86183ca3b22aa93a79ad548",
};

bool empty_layer_is_known(const struct digest *digest)
{
	char text[DIGEST_TEXT_SIZE];
	digest_format(digest, text);
	for (size_t i = 0; i < sizeof(KNOWN) / sizeof(KNOWN[0]); i++)
		if (strcmp(text, KNOWN[i]) == 0)
			return true;
	return false;
}
