# bash takes words apart at colons, which the names of tasks have: put them together, and give back only what
# stands behind the last one.
_scalelite_with_colons() {
    local words=() at=0 i word glue=0 front
    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        word=${COMP_WORDS[i]}
        if ((i > 1)) && { ((glue)) || [[ $word == :* ]]; }; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
        [[ $word == *: ]] && glue=1 || glue=0
        ((i == COMP_CWORD)) && at=$((${#words[@]} - 1))
    done
    local COMP_WORDS=("${words[@]}") COMP_CWORD=$at
    _scalelite "$1" "${words[at]}" "${words[at - 1]}"
    front=${words[at]%"${words[at]##*:}"}
    COMPREPLY=("${COMPREPLY[@]#"$front"}")
}
complete -F _scalelite_with_colons -o bashdefault -o default scalelite
