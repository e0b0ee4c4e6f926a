#compdef prober verify-lockdown
# Completes prober and verify-lockdown in zsh: eval "$(prober completion zsh)", after compinit
_prober_completion() {
    local called=${words[1]/#\~\//$HOME/} line kind value help
    local -a names described open
    for line in ${(f)"$(
        _PROBER_COMPLETE=zsh_complete COMP_WORDS="${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX" \
            command "${called%${called:t}}prober" 2> /dev/null
    )"}; do
        IFS=$',\t' read -r kind value help <<< "$line"
        if [[ $kind == file ]]; then
            _files
        elif [[ $value == *[=:/] ]]; then
            open+=("$value")
        elif [[ $help ]]; then
            described+=("${value//:/\\:}:$help")
        else
            names+=("$value")
        fi
    done
    (( $#described )) && _describe -V described described -U
    (( $#names )) && compadd -U -V names -a names
    (( $#open )) && compadd -U -V open -S '' -a open
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _prober_completion "$@"
else
    compdef _prober_completion prober verify-lockdown
fi
