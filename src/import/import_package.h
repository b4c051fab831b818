/*
 * import_package: what kind of package a finding of a scanner is about.
 */
#ifndef LAYERPROOF_IMPORT_PACKAGE_H
#define LAYERPROOF_IMPORT_PACKAGE_H

/* The class, for import_record_add_severity(), of packages in this format: "os" for those of
 * distributions (deb, rpm, apk ...) and for kernels, NULL for all others and for NULL. */
const char *import_package_class(const char *format);

#endif
