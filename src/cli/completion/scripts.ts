// The completion script of each shell. All of them ask the program itself: `poolscope completion --words -- WORDS... =CURRENT`
// answers a line `word<TAB>about` for each candidate, and the line `:files` where names of files can stand too.
// The word under the cursor has a "=" in front because some shells drop an empty argument.

/** What is said where names of files can stand. */
export const FILES_LINE = ":files";

const BASH = `# poolscope completion for bash
_poolscope() {
  local current="\${COMP_WORDS[COMP_CWORD]}" program="\${1:-poolscope}" line files="" IFS=$'\\n'
  local -a found=()
  while read -r line; do
    if [ "$line" = ${FILES_LINE} ]; then files=1; else found+=("\${line%%$'\\t'*}"); fi
  done < <("$program" completion --words -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" "=$current" 2>/dev/null)
  COMPREPLY=("\${found[@]}")
  [ -n "$files" ] || return 0
  if [ \${#found[@]} -eq 0 ]; then
    compopt -o default 2>/dev/null
  else
    compopt -o filenames 2>/dev/null
    COMPREPLY+=($(compgen -f -- "$current"))
  fi
  return 0
}
complete -F _poolscope poolscope
`;

const ZSH = `#compdef poolscope
# poolscope completion for zsh
_poolscope() {
  local line files=""
  local -a found
  while IFS= read -r line; do
    if [[ $line == ${FILES_LINE} ]]; then files=1
    else found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}"); fi
  done < <("\${(Q)words[1]}" completion --words -- "\${(@Q)words[2,CURRENT-1]}" "=\${(Q)PREFIX}" 2>/dev/null)
  if (( $#found )); then _describe -V poolscope found; fi
  if [[ -n $files ]]; then _files; fi
}
if [ "$funcstack[1]" = "_poolscope" ]; then
  _poolscope "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -u }
  compdef _poolscope poolscope
fi
`;

const FISH = `# poolscope completion for fish
function __poolscope_words
  set -l before (commandline -opc)
  set -l current (commandline -ct)
  set -l program $before[1]
  set -e before[1]
  for line in ($program completion --words -- $before "=$current" 2>/dev/null)
    if test "$line" = ${FILES_LINE}
      __fish_complete_path $current
    else
      echo $line
    end
  end
end
complete -c poolscope -f -k -a '(__poolscope_words)'
`;

const POWERSHELL = `# poolscope completion for PowerShell
Register-ArgumentCompleter -Native -CommandName poolscope, poolscope.exe -ScriptBlock {
  param($word, $ast, $position)
  $elements = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $position } | ForEach-Object { $_.ToString().Trim("'", '"') })
  $before = @($elements | Select-Object -Skip 1)
  & $ast.CommandElements[0].ToString() completion --words '--' $before "=$word" 2>$null | ForEach-Object {
    if ($_ -eq '${FILES_LINE}') { [System.Management.Automation.CompletionCompleters]::CompleteFilename($word) }
    else {
      $text, $about = $_ -split "\`t", 2
      if (-not $about) { $about = $text }
      [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $about)
    }
  }
}
`;

/** Scripts by the name of their shell. */
export const SCRIPTS: Readonly<Record<string, string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
  powershell: POWERSHELL,
};
