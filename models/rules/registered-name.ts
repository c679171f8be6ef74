/** Of the column `name` the name that somebody registered: two labels, or three below a country's `co`, `com`, `ac` …; text after it has no dot. */
export const registered =
  "coalesce(regexp_extract(name, '[^.]+\\.(co|com|org|net|ac|gov|edu|or|ne|go)\\.[^.][^.]$|[^.]+\\.[^.]+$'), '')";
