"""The rules of writing: what can keep a tree from being put in place."""

from generator.finding import Rule, Severity

CANNOT_WRITE = Rule("EMT001", "cannot-write", "The output can be written.")
DISK_FULL = Rule("EMT002", "disk-full", "The disk has room for the output beside the tree it replaces.")
DENIED = Rule("EMT003", "denied", "The output's folder belongs to whoever renders.")
LOCKED = Rule("EMT004", "locked", "One run at a time writes a tree.")
SYMLINK = Rule("EMT005", "target-symlink", "A tree's folder is no symbolic link.")
NOT_A_FOLDER = Rule("EMT006", "target-no-folder", "A tree's folder is a folder.")
REPOSITORY = Rule("EMT007", "target-repository", "A tree's folder is no Git repository of its own.")
UNSAFE_NAME = Rule("EMT008", "unsafe-name", "Names of files are safe on every system.")
CASE_COLLISION = Rule("EMT009", "case-collision", "No two files differ in upper and lower case alone.")
FOREIGN = Rule("EMT010", "foreign-entry", "Staged trees hold files and folders alone.")
UNREPRESENTABLE = Rule("EMT011", "unrepresentable", "Every value has a form in YAML that all readers agree on.")
UNKNOWN = Rule("EMT012", "unknown-file", "A write replaces only files that a record of qatgen names.")
EDITED = Rule("EMT013", "hand-edit", "Hand edits that a write replaces are named.", Severity.WARNING)
PLACE = Rule("EMT014", "output-place", "An output folder is apart from the sources and from Git's own folder.")
UNFINISHED = Rule("EMT015", "unfinished-exchange", "An exchange of several trees is finished.")
BAD_JOURNAL = Rule("EMT016", "bad-journal", "The journal of an exchange is one that qatgen wrote in this folder.")
CHANGED = Rule("EMT017", "changed-meanwhile", "What is replaced is what qatgen looked at.")

RULES = (
    CANNOT_WRITE,
    DISK_FULL,
    DENIED,
    LOCKED,
    SYMLINK,
    NOT_A_FOLDER,
    REPOSITORY,
    UNSAFE_NAME,
    CASE_COLLISION,
    FOREIGN,
    UNREPRESENTABLE,
    UNKNOWN,
    EDITED,
    PLACE,
    UNFINISHED,
    BAD_JOURNAL,
    CHANGED,
)
