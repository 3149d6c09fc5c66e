# What programs in Perl do to a letter: standard input to standard output.
use strict;
use warnings;

binmode STDIN;
binmode STDOUT;
my $mode = shift;
my $mail = do { local $/; <STDIN> };

sub parsed {
    require MIME::Parser;
    my $parser = MIME::Parser->new;
    $parser->output_to_core(1);
    ( my $lf = $mail ) =~ s/\r\n/\n/g;
    return $parser->parse_data($lf);
}

if ( $mode eq "mime_tools" ) {    # decoded, and encoded anew
    my $entity = parsed();
    for my $part ( $entity->parts_DFS ) {
        next if $part->is_multipart;
        my $body = $part->bodyhandle or next;
        $part->bodyhandle( MIME::Body::InCore->new( $body->as_string ) );
    }
    print $entity->as_string;
}
elsif ( $mode eq "mime_tools_sign" ) {    # MIME::Entity's own footer
    my $entity = parsed();
    for my $part ( $entity->parts_DFS ) {
        next if $part->is_multipart || $part->effective_type ne "text/plain";
        $part->sign( Signature => "To unsubscribe from this list: https://lists.example/leave\n", Force => 1 );
        last;
    }
    print $entity->as_string;
}
elsif ( $mode eq "mime_tools_add" ) {    # a part for all
    my $entity = parsed();
    $entity->parts(0)->make_multipart("mixed");
    $entity->parts(0)->attach( Type => "text/plain", Data => "This mail was checked.\n" );
    print $entity->as_string;
}
elsif ( $mode eq "email_mime" ) {        # Email::MIME
    require Email::MIME;
    my $email = Email::MIME->new($mail);
    $email->walk_parts(
        sub {
            my ($part) = @_;
            return if $part->subparts;
            return if $part->content_type !~ m{^text/};
            $part->encoding_set("base64");
        }
    );
    print $email->as_string;
}
elsif ( $mode eq "email_mime_quoted" ) {
    require Email::MIME;
    my $email = Email::MIME->new($mail);
    $email->walk_parts(
        sub {
            my ($part) = @_;
            return if $part->subparts;
            return if $part->content_type !~ m{^text/};
            $part->encoding_set("quoted-printable");
        }
    );
    print $email->as_string;
}
elsif ( $mode eq "mail_box" ) {          # Mail::Message
    require Mail::Message;
    ( my $lf = $mail ) =~ s/\r\n/\n/g;
    my $message = Mail::Message->read($lf);
    for my $part ( grep { !$_->isMultipart } $message->parts("RECURSE") ) {
        next if $part->contentType !~ m{^text/};
        $part->body( $part->decoded->encode( transfer_encoding => "quoted-printable" ) );
    }
    $message->print( \*STDOUT );
}
else { die "no mode $mode" }
