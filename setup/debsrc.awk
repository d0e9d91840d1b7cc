# SPDX-License-Identifier: Apache-2.0
# Turns an apt source list into one for source packages: every entry of the distribution's own
# archive, pointed at `suite`. Reads the one-line format, or deb822 where the name ends in
# .sources, and writes the same format. Mirrors, options and keys stay as they are.
# Variables: codename (of this system), suite (wanted).

function has(words, pattern,    list, n, i)
{
    n = split(words, list, /[ \t\n]+/)
    for (i = 1; i <= n; i++)
        if (list[i] ~ pattern)
            return 1
    return 0
}

# Add-on archives have suites of other names or no component "main"; one that slips through
# is harmless, because the tarball is checked by its hash.
function wanted(uris, suites, components)
{
    return uris !~ /^[ \t\n]*cdrom:/ && has(components, "^main$") &&
        has(suites, "^(" codename "|" suite "|oldstable|stable|testing|unstable|sid)$")
}

function flush_stanza(    i)
{
    if (has(value["types"], "^deb$") && value["enabled"] !~ /no/ &&
        wanted(value["uris"], value["suites"], value["components"])) {
        print "Types: deb-src\nSuites: " suite "\nComponents: main"
        for (i = 1; i <= fields; i++)
            if (name[i] !~ /^(types|suites|components|architectures|enabled)$/)
                print name[i] ":" value[name[i]]
        print ""
    }
    fields = 0
    split("", value)
}

function one_line(    options, part)
{
    sub(/#.*/, "")
    sub(/^[ \t]*deb[ \t]+/, "")
    if (match($0, /^\[[^]]*\][ \t]*/)) {
        options = substr($0, 1, RLENGTH)
        $0 = substr($0, RLENGTH + 1)
    }
    part = $0
    sub(/^[^ \t]+[ \t]+[^ \t]+[ \t]+/, "", part)
    if (wanted($1, $2, part))
        print "deb-src " options $1 " " suite " main"
}

FILENAME !~ /\.sources$/ { if (/^[ \t]*deb[ \t]/) one_line(); next }
/^#/ { next }
/^[ \t]*$/ { flush_stanza(); next }
/^[ \t]/ { value[name[fields]] = value[name[fields]] "\n" $0; next }
{
    name[++fields] = tolower(substr($0, 1, index($0, ":") - 1))
    value[name[fields]] = substr($0, index($0, ":") + 1)
}
END { flush_stanza() }
