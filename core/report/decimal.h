/* The shortest decimal number, from six digits on, that names a float among all floats. */
#ifndef LS_REPORT_DECIMAL_H
#define LS_REPORT_DECIMAL_H

enum { LS_DECIMAL_MAX = 32 };

/* Purpose: write a finite number as printf's %g would, in as many significant digits as it takes to read back
 * the same, 6 to 9. NUL-terminated. */
void ls_decimal_f32(float value, char out[LS_DECIMAL_MAX]);

#endif
