// The answers are sent: forget the draft.
sessionStorage.removeItem("draft " + location.pathname);
