mod corpora;
mod from;
mod structure;
